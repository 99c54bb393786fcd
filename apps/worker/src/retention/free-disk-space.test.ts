import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileErrorSkipper } from '@pixdock/shared/runtime/file-errors';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import { BLOCK_BYTES } from '@pixdock/shared/state/files/disk-bytes';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { changedRecord, type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { HOUR_MS, openWorkerParts, type WorkerParts } from '../testing/worker-parts.js';
import { freeDiskSpace } from './free-disk-space.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

/** Much more than its folder. */
const SOURCE_BYTES = 256 * BLOCK_BYTES;

/** An image with a source in staging without a write for an hour. */
async function addImage({ records, staging }: WorkerParts, agoMs: number, changes: RecordChanges = {}) {
  const finishedAt = new Date(Date.now() - agoMs).toISOString();
  const record = testRecord({ status: 'failed', finishedAt, ...changes });
  await records.create(record);
  const [folder, source] = [staging.layout.image(record.id), staging.layout.source(record.id)];
  await makeFolder(folder);
  await writeFile(source, Buffer.alloc(SOURCE_BYTES));
  const old = new Date(Date.now() - HOUR_MS);
  for (const path of [source, folder]) await utimes(path, old, old);
  return { isThere: () => existsSync(source) };
}

/** Frees space in a staging of so many bytes; three quarters of it may be used. */
function free(parts: WorkerParts, stagingMaxBytes: number) {
  return freeDiskSpace(
    { ...parts, config: { stagingMaxBytes } },
    createFileErrorSkipper(parts.log, 'a test'),
  );
}

it('removes nothing below three quarters of the budget', async () => {
  const parts = await openWorkerParts(redis);
  const image = await addImage(parts, HOUR_MS);
  await free(parts, 2 * SOURCE_BYTES);
  expect(image.isThere()).toBe(true);
});

it('removes the sources of failed images, oldest first, until staging is below its mark', async () => {
  const parts = await openWorkerParts(redis);
  const [newer, oldest] = [await addImage(parts, HOUR_MS), await addImage(parts, 3 * HOUR_MS)];
  await free(parts, 2 * SOURCE_BYTES);
  expect([oldest.isThere(), newer.isThere()]).toEqual([false, true]);
  expect(parts.lines).toMatchObject([{ images: 1, batches: 0, bytes: SOURCE_BYTES }]);
});

it('removes files of the owner who has the most, and keeps older ones of another', async () => {
  const parts = await openWorkerParts(redis);
  const rare = await addImage(parts, 5 * HOUR_MS, { owner: 'bob' });
  const many = [1, 2, 3].map((hours) => addImage(parts, hours * HOUR_MS, { owner: 'alice' }));
  const [newest, , oldest] = await Promise.all(many);
  await free(parts, 4 * SOURCE_BYTES);
  expect([rare.isThere(), newest?.isThere(), oldest?.isThere()]).toEqual([true, true, false]);
});

it.each([
  ['is in progress', { status: 'processing' as const, finishedAt: null }],
  ['belongs to a batch', { batchId: testBatch().id }],
])('keeps the files of an image that %s', async (_, changes) => {
  const parts = await openWorkerParts(redis);
  const image = await addImage(parts, HOUR_MS, changes);
  await free(parts, SOURCE_BYTES);
  expect(image.isThere()).toBe(true);
});

it('keeps the source of a failed image that was just written to', async () => {
  const parts = await openWorkerParts(redis);
  const record = testRecord({ status: 'failed', finishedAt: new Date().toISOString() });
  await parts.records.create(record);
  const source = parts.staging.layout.source(record.id);
  await makeFolder(parts.staging.layout.image(record.id));
  await writeFile(source, Buffer.alloc(SOURCE_BYTES));
  await free(parts, SOURCE_BYTES);
  expect(existsSync(source)).toBe(true);
});

it('removes the files of a finished batch, and keeps those of a batch in progress', async () => {
  const parts = await openWorkerParts(redis);
  const { staging, batches, records } = parts;
  const [finished, open] = [testBatch({ total: 1 }), testBatch({ total: 1 })];
  for (const entry of [finished, open]) {
    const arrival = await staging.batches.openArrival(entry.id);
    await arrival.add(testItem(1));
    await arrival.commit(entry);
    await batches.create(entry, 1);
    const { materials } = batchFiles(staging.layout.batch(entry.id));
    await makeFolder(materials);
    await writeFile(join(materials, 'archive.zip'), Buffer.alloc(SOURCE_BYTES));
  }
  const item = newItemRecord(finished, 0, testItem(1), 1);
  const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
  await records.create(changedRecord(item, { status: 'failed', expiresAt }));
  const state = await batches.get(finished.id);
  expect(state && (await batches.close(state, Date.now() + HOUR_MS, null))).toBe(true);
  await free(parts, SOURCE_BYTES);
  expect(await readdir(staging.layout.batch(finished.id))).not.toContain('materials');
  expect(await readdir(staging.layout.batch(open.id))).toContain('materials');
});
