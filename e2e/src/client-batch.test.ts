import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pixdock } from '@pixdock/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows } from './batch/requests.js';
import { type BatchStack, startBatchStack, tiny } from './batch/stack.js';
import { zipOf } from './batch/zip.js';
import { linesOf, runPixdock, startPixdock } from './harness/pixdock.js';

let stack: BatchStack;
let home: string;
let client: Pixdock;
beforeAll(async () => {
  stack = await startBatchStack();
  client = new Pixdock({ baseUrl: stack.api.url, apiKey: 'key-of-the-owner-acme' });
  home = await mkdtemp(join(tmpdir(), 'pixdock-client-'));
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await stack.stop();
});

async function file(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(home, name);
  await writeFile(path, text);
  return path;
}
const run = (args: string[]) => runPixdock(stack, home, args);
const good = (n: number) => rows(stack.source.url, n);

test('checks, imports, explains and reports a CSV file', async () => {
  const lines = good(6).map(({ url, externalId }) => `${externalId},${url}`);
  lines.splice(2, 0, 'row-x,not-an-address', `row-y,${stack.source.url}/nothing-here.jpg`);
  const csv = await file('rows.csv', `SKU,Picture\n${lines.join('\n')}\n`);
  const columns = ['--columns', 'Picture:url,SKU:externalId'];

  const dry = await run(['import', csv, ...columns, '--dry-run']);
  expect(dry).toMatchObject({ exit: 1, out: expect.stringContaining('8 rows: 7 valid, 1 invalid') });
  expect(dry.err).toMatch(/ 1 {2}invalid_row: .*\n +Row 4: column "Picture" .*\(row-x\)$/m);

  const report = join(home, 'report.csv');
  const { exit, out, err } = await run(['import', csv, ...columns, '--report', report]);
  expect(exit).toBe(1);
  expect(out).toMatch(/^bat_[0-9a-f]{32}\n$/);
  expect(err).toContain('8 images: 6 published, 2 failed');
  expect(err).toMatch(/ {2}1 {2}invalid_row +\S/);
  expect(err).toMatch(/ {2}1 {2}source_not_found +\S.*\n +e\.g\. row 5 \(row-y, http\S+\): /);
  const table = linesOf(await readFile(report, 'utf8'));
  expect(table).toHaveLength(9);

  const id = out.trim();
  const printed = await run(['report', id]);
  expect(printed.out).toBe(await readFile(report, 'utf8'));
  expect(await run(['status', id])).toMatchObject({ exit: 1, out: expect.stringContaining('finished 100%') });
  expect(await run(['retry', id])).toMatchObject({ exit: 0 });
});

test('imports NDJSON, JSON and archives', async () => {
  const ndjson = good(5)
    .map((row) => JSON.stringify(row))
    .join('\n');
  expect(await run(['import', await file('rows.ndjson', ndjson), '--json'])).toMatchObject({
    exit: 0,
    err: '5 images: 5 published\n',
  });
  const json = JSON.stringify({ items: good(2) });
  expect(await run(['import', await file('rows.json', json)])).toMatchObject({ exit: 0 });
  const zip = zipOf({ 'one.jpg': await tiny(31), 'two/three.jpg': await tiny(32) });
  expect(await run(['import', await file('pictures.zip', zip)])).toMatchObject({
    exit: 0,
    err: '2 images: 2 published\n',
  });
});

test('imports a URL', async () => {
  const [{ url } = { url: '' }] = good(1);
  const { exit, out } = await run(['import', url]);
  expect(exit).toBe(0);
  expect(out).toMatch(/^http:\S+main\.jpg\thttp:\S+\n$/);
});

test('leaves the batch on the server after Ctrl-C, where it can be canceled and deleted', async () => {
  const slow = rows(stack.source.url, 200, 2000).map((row) => JSON.stringify(row));
  const { child, out, err, ended } = startPixdock(stack, home, [
    'import',
    await file('slow.ndjson', slow.join('\n')),
  ]);
  await expect.poll(out, { timeout: 10_000 }).toContain('bat_');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  const id = out().trim();
  expect(err()).toContain(`pixdock cancel ${id}`);
  expect(await client.batches.get(id)).toMatchObject({ status: 'running' });
  expect(await run(['cancel', id])).toMatchObject({ exit: expect.any(Number), err: '' });
  expect(await client.batches.waitFor(id, { timeoutMs: 30_000 })).toMatchObject({ status: 'canceled' });
  await run(['delete', id]);
  const { counts, total } = await client.batches.waitFor(id, { timeoutMs: 30_000 });
  expect(counts.deleted).toBe(total);
});

test('streams items by the SDK, watches them and reads their results', async () => {
  async function* items() {
    yield* good(20);
    yield { url: 'not-an-address' };
  }
  const { id, total } = await client.batches.create(items());
  expect(total).toBe(21);
  const versions: number[] = [];
  let last = '';
  for await (const { version, status } of client.batches.watch(id)) {
    versions.push(version);
    last = status;
  }
  expect(last).toBe('finished');
  expect(versions.length).toBeGreaterThan(1);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  const failed: (string | undefined)[] = [];
  for await (const { error } of client.batches.items(id, { status: 'failed' })) failed.push(error?.code);
  expect(failed).toEqual(['invalid_row']);
  const report = await new Response(await client.batches.report(id, 'ndjson')).text();
  expect(linesOf(report)).toHaveLength(21);
  for await (const batch of client.batches.list()) {
    expect(batch.id).toBe(id);
    break;
  }
  expect(await client.batches.create(good(3), { dryRun: true })).toMatchObject({ valid: 3, invalid: 0 });
});
