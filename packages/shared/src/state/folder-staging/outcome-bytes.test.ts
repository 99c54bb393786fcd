import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../files/disk-bytes.js';
import { countOutcomes } from './outcome-bytes.js';

const ENOUGH = 30;
let outcomes: string;
beforeEach(async () => {
  outcomes = await mkdtemp(join(tmpdir(), 'pixdock-outcomes-'));
});
afterEach(() => rm(outcomes, { recursive: true }));

const count = async () => (await countOutcomes({ outcomes }, ENOUGH)).total / BLOCK_BYTES;

test('counts few outcomes one by one', async () => {
  expect(await count()).toBe(0);
  await addFolder('00', 7);
  await addFolder('7f', 0);
  await addFolder('ff', 22);
  expect(await count()).toBe(29);
});

test('lists only as many folders as a good estimate of many outcomes needs', async () => {
  for (const shard of ['00', '01', '02']) await addFolder(shard, 10);
  // Their number differs only in this test.
  for (const shard of ['03', '04', '05']) await addFolder(shard, 0);
  expect(await count()).toBe(60);
});

test('tells how much of the disk the outcomes of each owner take', async () => {
  await addFolder('00', 10, 'alice');
  await addFolder('01', 5, 'bob', BLOCK_BYTES + 1);
  await addFolder('02', 3, 'alice', 2 * BLOCK_BYTES);
  const { byOwner } = await countOutcomes({ outcomes }, ENOUGH);
  const blocksOf = (owner: string) => (byOwner.get(owner) ?? 0) / BLOCK_BYTES;
  expect([blocksOf('alice'), blocksOf('bob')]).toEqual([16, 10]);
});

/** Outcomes of one block each, unless they are longer. */
async function addFolder(shard: string, files: number, owner = 'alice', bytes = 100): Promise<void> {
  const folder = join(outcomes, shard);
  await mkdir(folder);
  const outcome = JSON.stringify({ record: { owner } });
  for (let i = 0; i < files; i++) await writeFile(join(folder, String(i)), outcome.padEnd(bytes));
}
