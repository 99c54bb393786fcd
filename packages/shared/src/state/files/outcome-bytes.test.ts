import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countOutcomeBytes } from './outcome-bytes.js';

const ENOUGH = 30;
let outcomes: string;
beforeEach(async () => {
  outcomes = await mkdtemp(join(tmpdir(), 'pixdock-outcomes-'));
});
afterEach(() => rm(outcomes, { recursive: true }));

const BYTES = 100;
const count = async () => (await countOutcomeBytes({ outcomes }, ENOUGH)) / BYTES;

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

async function addFolder(shard: string, files: number): Promise<void> {
  const folder = join(outcomes, shard);
  await mkdir(folder);
  for (let i = 0; i < files; i++) await writeFile(join(folder, String(i)), Buffer.alloc(BYTES));
}
