import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectWhole } from './expect-whole.js';
import { itemsOf, type Row, submit, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack, tiny } from './stack.js';

let stack: BatchStack;
const made: string[] = [];
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const at = (path: string) => `${stack.source.url}${path}`;
const times = (count: number, row: (i: number) => Row) => Array.from({ length: count }, (_, i) => row(i));

async function run(rows: Row[]): Promise<string[]> {
  const { id } = await submit(stack, rows);
  made.push(id);
  await untilFinished(stack, id);
  return (await itemsOf(stack, id)).map(({ status, error }) => error?.code ?? status);
}

test('fetches equal URLs once, and publishes each row', async () => {
  const url = at('/image/a/equal');
  const outcomes = await run([
    ...times(12, (i) => ({ url, externalId: `same-${i}` })),
    { url, profile: 'avatar' },
    { url, headers: { Referer: 'https://other.example/' } },
    { url: at('/image/a/other') },
  ]);
  expect(outcomes).toEqual(outcomes.map(() => 'published'));
  // One request for all rows, and one for the row with other headers.
  expect(stack.source.hits('/image/a/equal')).toBe(2);
  expect(stack.source.hits('/image/a/other')).toBe(1);
});

test('fetches equal digests once, from the first URL', async () => {
  const digest = sha256(await tiny(21));
  const outcomes = await run(times(8, (i) => ({ url: at(`/image/b/digest-${i}`), sha256: digest })));
  expect(outcomes).toEqual(outcomes.map(() => 'published'));
  const hits = times(8, (i) => ({ url: `/image/b/digest-${i}` })).map(({ url }) => stack.source.hits(url));
  expect(hits).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
});

test('does not fail a row for the fault of another URL with its digest', async () => {
  const digest = sha256(await tiny(22));
  const outcomes = await run([
    // The first is missing, the second has another digest; each fails only its own row.
    { url: at('/status/404?missing'), sha256: digest },
    { url: at('/image/c/good-1'), sha256: digest },
    { url: at('/image/c/good-2'), sha256: digest },
    { url: at('/image/d/wrong'), sha256: sha256(await tiny(24)) },
    { url: at('/image/e/right'), sha256: sha256(await tiny(24)) },
  ]);
  expect(outcomes).toEqual(['source_not_found', 'published', 'published', 'digest_mismatch', 'published']);
});

test('does not fail a row for the profile of another row', async () => {
  const url = at('/image/webp/shared');
  const rowsOf = [{ url, profile: 'avatar' }, { url }, { url, profile: 'avatar' }];
  expect(await run(rowsOf)).toEqual(['unsupported_media_type', 'published', 'unsupported_media_type']);
});

test('requests a missing source once and fails every row', async () => {
  const outcomes = await run(times(10, () => ({ url: at('/status/410') })));
  expect(outcomes).toEqual(outcomes.map(() => 'source_not_found'));
  expect(stack.source.hits('/status/410')).toBe(1);
});

test('waits for a transient fault with one row at the source', async () => {
  const url = at('/flaky/a?fails=2&retry-after=1');
  expect(await run(times(6, () => ({ url })))).toEqual(times(6, () => ({ url })).map(() => 'published'));
  expect(stack.source.hits('/flaky/a')).toBe(3);
});

test('removes shared sources from staging', async () => {
  await expectWhole(stack, made);
  const batches = join(stack.dataDir, 'staging', 'batches');
  const names = readdirSync(batches, { recursive: true }).map(String);
  expect(names.filter((name) => name.includes('shared-'))).toEqual([]);
});
