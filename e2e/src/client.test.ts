import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Image, Pixdock, PixdockApiError } from '@pixdock/client';
import { freePort } from '@pixdock/shared/testing/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults } from './harness/bucket.js';
import { photo } from './harness/pictures.js';
import { linesOf, PIXDOCK, runPixdock, startCommand, startPixdock } from './harness/pixdock.js';
import { type Stack, startStack } from './harness/stack.js';

const PHOTOS = 50;
/** So that a command still runs when a test interrupts or watches it, on any machine. */
const SLOW_PUTS = { operation: 'PutObject', action: { type: 'delay', ms: 500 } };
/** util-linux's `script`, which runs a command in a new terminal. */
const PTY = 'script';

let stack: Stack;
let folder: string;
let client: Pixdock;
beforeAll(async () => {
  stack = await startStack();
  client = new Pixdock({ baseUrl: stack.api.url, apiKey: 'key-of-the-owner-acme' });
  folder = await mkdtemp(join(tmpdir(), 'pixdock-client-'));
  await mkdir(join(folder, 'photos/summer'), { recursive: true });
  for (let n = 0; n < PHOTOS; n++) await writeFile(join(folder, nameOf(n)), await photo(100 + 4 * n, 80));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await stack.stop();
});

const nameOf = (n: number) => `photos/${n % 2 === 0 ? 'summer/' : ''}IMG_${n}.jpg`;

test('imports a folder once, despite Ctrl-C and repeated runs', async () => {
  await addFault(stack, SLOW_PUTS);
  const first = startPixdock(stack, folder, ['import', join(folder, 'photos')]);
  await expect.poll(() => linesOf(first.out()).length, { timeout: 20_000 }).toBeGreaterThan(5);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
  expect(linesOf(first.out()).length).toBeLessThan(PHOTOS);
  expect(first.err()).toContain('Run the same command again to continue.');
  await clearFaults(stack);

  const second = await run(['import', join(folder, 'photos')]);
  expect(second).toMatchObject({
    exit: 0,
    err: expect.stringMatching(/50 files: \d+ published, \d+ already there \(/),
  });
  const landed = tableOf(second.out);
  expect(landed.size).toBe(PHOTOS);
  for (const url of [...landed.values()].slice(0, 3))
    expect((await fetch(url)).headers.get('content-type')).toBe('image/jpeg');
  const images = await all(client.images.list());
  expect(images).toHaveLength(PHOTOS);
  expect(new Set(images.map(({ externalId }) => externalId))).toEqual(new Set(landed.keys()));

  const third = await run(['import', join(folder, 'photos'), '--json']);
  const results = linesOf(third.out).map((line) => (JSON.parse(line) as { how: string }).how);
  expect(results).toEqual(Array.from({ length: PHOTOS }, () => 'unchanged'));
  expect(await all(client.images.list())).toHaveLength(PHOTOS);
});

test('gives each path its own image, and sends a deleted image again', async () => {
  const twins = await mkdtemp(join(folder, 'twins-'));
  await writeFile(join(twins, 'new.jpg'), await photo(333, 222));
  await copyFile(join(twins, 'new.jpg'), join(twins, 'newer.jpg'));
  const before = (await all(client.images.list())).length;
  const first = await importTwins();
  expect(first['new.jpg']).toMatchObject({ how: 'sent' });
  expect(first['newer.jpg']).toMatchObject({ how: 'sent' });
  expect((await all(client.images.list())).length).toBe(before + 2);

  await client.images.delete(first['new.jpg']?.id ?? '');
  await client.images.waitFor(first['new.jpg']?.id ?? '', { timeoutMs: 20_000 });
  expect((await fetch(first['new.jpg']?.url ?? '')).status).toBe(404);
  expect((await fetch(first['newer.jpg']?.url ?? '')).status).toBe(200);

  // Once the file's time has changed, its content decides.
  await utimes(join(twins, 'newer.jpg'), new Date(), new Date(0));
  const second = await importTwins();
  expect(second['newer.jpg']).toMatchObject({ how: 'known', id: first['newer.jpg']?.id });
  expect(second['new.jpg']).toMatchObject({ how: 'sent' });
  expect((await fetch(second['new.jpg']?.url ?? '')).status).toBe(200);

  async function importTwins() {
    const { exit, out } = await run(['import', twins, '--json']);
    expect(exit).toBe(0);
    const results = linesOf(out).map(
      (line) => JSON.parse(line) as { file: string; how: string; id: string; url: string },
    );
    return Object.fromEntries(results.map((result) => [result.file, result]));
  }
});

test('prints URLs on stdout and failures on stderr', async () => {
  const bad = join(folder, 'bad.jpg');
  await writeFile(bad, 'no picture');
  const files = [1, 2, 3].map((n) => join(folder, nameOf(n)));
  const { exit, out, err } = await run(['upload', ...files, bad, '/dev/null']);
  expect(exit).toBe(1);
  expect([...tableOf(out).keys()].toSorted()).toEqual(files.toSorted());
  expect(out + err).not.toContain('\u001b');
  expect(err).toContain(`failed  ${bad}  unsupported_media_type`);
  expect(err).toContain('failed  /dev/null  ENOTFILE: This is a pipe or a device, not a file');
  const url = tableOf(out).get(files[0] ?? '') ?? '';
  expect((await fetch(url)).status).toBe(200);

  const shown = await run(['status', idOf(await all(client.images.list()))]);
  expect(shown).toMatchObject({ exit: 0, out: expect.stringMatching(/^image {7}img_[\s\S]*published/) });
});

test.each(['quo"te 100%.jpg', '图 (1) %22.jpg', 'back\\slash".jpg'])(
  'keeps the file name %s',
  async (name) => {
    const file = join(folder, name);
    await copyFile(join(folder, nameOf(0)), file);
    const { exit, out } = await run(['upload', file, '--json']);
    expect(exit).toBe(0);
    const { id } = JSON.parse(out) as { id: string };
    // A backslash separates folders too.
    expect((await client.images.get(id)).source.filename).toBe(name.split('\\').at(-1));
  },
);

test.skipIf(spawnSync(PTY, ['--version']).status !== 0)(
  'draws progress on a terminal and clears it',
  async () => {
    const file = join(folder, 'drawn.jpg');
    await writeFile(file, await photo(97, 83));
    // Otherwise a fast machine publishes the image before the first frame.
    await addFault(stack, SLOW_PUTS);
    const command = `"${process.execPath}" "${PIXDOCK}" upload "${file}" "${file}"`;
    const { child, ended, out } = startCommand(stack, folder, PTY, ['-qec', command, '/dev/null']);
    child.stdin?.end();
    expect(await ended).toBe(0);
    await clearFaults(stack);
    expect(out()).toContain('\u001b[?25l');
    expect(out().lastIndexOf('\u001b[?25h')).toBeGreaterThan(out().lastIndexOf('\u001b[?25l'));
    expect(out()).toMatch(/http:\S+\t.*\r\n[\s\S]*2 files: 2 published \(\d:\d\d\)\r\n$/);
  },
);

test('reports a wrong key and an unreachable server before any upload', async () => {
  const file = join(folder, nameOf(0));
  const wrong = await run(['upload', file, '--key', 'no-such-key']);
  expect(wrong).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('does not accept this key') });
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const down = await run(['import', join(folder, 'photos'), '--url', nowhere]);
  expect(down).toMatchObject({
    exit: 2,
    out: '',
    err: expect.stringContaining('Is the server running there?'),
  });
});

test('uploads a stream by the SDK, waits for it, finds it and deletes it', async () => {
  const path = join(folder, nameOf(7));
  const sent = await client.images.upload(createReadStream(path), {
    externalId: 'sdk-1',
    filename: 'seven.jpg',
  });
  expect(sent).toMatchObject({ externalId: 'sdk-1', source: { filename: 'seven.jpg' } });
  const image = await client.images.waitFor(sent.id, { timeoutMs: 20_000 });
  expect(image).toMatchObject({ status: 'published', error: null });
  const { sha256 } = image.source;
  const found = await client.images.lookup([sha256 ?? '', 'f'.repeat(64)]);
  expect(found.map(({ id }) => id)).toContain(image.id);
  await client.images.delete(image.id);
  expect(await client.images.waitFor(image.id, { timeoutMs: 20_000 })).toMatchObject({ status: 'deleted' });
  const versions: number[] = [];
  const other = await client.images.upload(await photo(90, 90));
  for await (const { version } of client.images.watch(other.id)) versions.push(version);
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  await expect(client.images.retry(other.id)).rejects.toMatchObject({ code: 'not_retryable', status: 409 });
  await expect(client.images.upload(Buffer.from('no picture'))).rejects.toBeInstanceOf(PixdockApiError);
});

test('continues an import after a restart of the server', async () => {
  const args = ['import', join(folder, 'photos'), '--profile', 'compact'];
  await addFault(stack, SLOW_PUTS);
  const { ended, out, err } = startPixdock(stack, folder, args);
  await expect.poll(() => linesOf(out()).length, { timeout: 20_000 }).toBeGreaterThan(5);
  await stack.api.stop();
  await clearFaults(stack);
  await stack.restartApi();
  expect([await ended, err()]).toEqual([0, expect.stringContaining('50 files: 50 published (')]);
  expect(tableOf(out()).size).toBe(PHOTOS);
});

const run = (args: string[]) => runPixdock(stack, folder, args);

/** Parses lines `URL<TAB>FILE` into a map from file to URL. */
function tableOf(out: string): Map<string, string> {
  return new Map(linesOf(out).map((line) => line.split('\t').toReversed() as [string, string]));
}

const idOf = ([image]: Image[]) => image?.id ?? '';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
