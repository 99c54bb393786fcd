import { existsSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { markDeleted, requestDelete, retry } from '@pixdock/shared/state/records/transitions';
import { type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { HOUR_MS, openWorkerParts } from '../testing/worker-parts.js';
import { openTombstones, removeEndedImage } from './remove-leftovers.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

/** An image that ended two days ago, with a file that nobody has written to for an hour. */
async function endedImage(changes: RecordChanges) {
  const parts = await openWorkerParts(redis);
  const { staging, records } = parts;
  const finishedAt = new Date(Date.now() - 48 * HOUR_MS).toISOString();
  const record = testRecord({ finishedAt, ...changes });
  const { id } = record;
  await records.create(record);
  const [folder, source] = [staging.layout.image(id), staging.layout.source(id)];
  await makeFolder(folder);
  await writeFile(source, 'bytes');
  const old = new Date(Date.now() - HOUR_MS);
  for (const path of [source, folder]) await utimes(path, old, old);
  const remove = (changed: Partial<typeof parts>) =>
    removeEndedImage({ ...parts, ...changed }, id, openTombstones(staging));
  return { parts, record, remove, hasSource: () => existsSync(source) };
}

it('removes the files of an image that has ended, and keeps its outcome', async () => {
  const { parts, record, remove, hasSource } = await endedImage({ status: 'published' });
  expect(await remove({})).toBe(true);
  expect(hasSource()).toBe(false);
  expect((await parts.staging.entry(record.id))?.record.status).toBe('published');
});

it('keeps the outcome of a deletion that ends while the files of its image are removed', async () => {
  const { parts, record, remove } = await endedImage({ status: 'published' });
  const { staging, records } = parts;
  const { id } = record;
  let isFirst = true;
  const settle: typeof staging.settle = async (settled) => {
    if (isFirst) {
      isFirst = false;
      await records.transition(id, requestDelete);
      const deleted = await records.transition(id, (current) => markDeleted(current, HOUR_MS));
      if (deleted.outcome === 'changed') await staging.settle(deleted.record);
    }
    await staging.settle(settled);
  };
  expect(await remove({ staging: { ...staging, settle } })).toBe(true);
  expect((await staging.entry(id))?.record.status).toBe('deleted');
});

it('keeps the source of an image whose retry is requested after its folder was found idle', async () => {
  const { parts, remove, hasSource } = await endedImage({ status: 'failed' });
  const { records } = parts;
  let reads = 0;
  const get: typeof records.get = async (id) => {
    if (++reads === 2) await records.transition(id, retry);
    return records.get(id);
  };
  expect(await remove({ records: { ...records, get } })).toBe(false);
  expect(hasSource()).toBe(true);
});
