import { createFileErrorSkipper } from '@pixdock/shared/runtime/file-errors';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { HOUR_MS, openWorkerParts, type WorkerParts } from '../testing/worker-parts.js';
import { deleteDue } from './delete-due.js';
import { forgetImage } from './forget-image.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
beforeEach(() => redis.connection.flushall());

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const NEVER = new AbortController().signal;

async function published({ records }: WorkerParts, changes: RecordChanges): Promise<string> {
  const record = testRecord({ status: 'published', ...changes });
  await records.create(record);
  return record.id;
}

const run = (parts: WorkerParts) => deleteDue(parts, createFileErrorSkipper(parts.log, 'a test'), NEVER);

it('requests each due deletion once', async () => {
  const parts = await openWorkerParts(redis);
  const due = await published(parts, { deleteAt: ago(1000) });
  const later = await published(parts, { deleteAt: ago(-HOUR_MS) });
  const other = await published(parts, {});
  expect(await run(parts)).toBe(1);
  expect(await run(parts)).toBe(0);
  expect(parts.queue.deletions).toEqual([due]);
  expect((await parts.records.get(due))?.deleteRequestedAt).not.toBeNull();
  for (const id of [later, other]) expect((await parts.records.get(id))?.deleteRequestedAt).toBeNull();
});

it('keeps an image that staging says is kept, although Redis went back to an earlier state', async () => {
  const parts = await openWorkerParts(redis);
  const id = await published(parts, { deleteAt: ago(1000) });
  await parts.staging.keep(id);
  await run(parts);
  expect(await parts.records.get(id)).toMatchObject({ deleteAt: null, deleteRequestedAt: null });
  expect(parts.queue.deletions).toEqual([]);
  const { deletionsOf } = recordKeys(redis.settings.prefix);
  expect(await redis.connection.exists(deletionsOf('acme'))).toBe(0);
});

it('notes in staging that a deletion has begun, so that a later request to keep the image has no effect', async () => {
  const parts = await openWorkerParts(redis);
  const id = await published(parts, { deleteAt: ago(1000) });
  const record = await parts.records.get(id);
  if (record?.status !== 'published') throw new TypeError('no image');
  await parts.staging.writeOutcome(record);
  await run(parts);
  await parts.staging.keep(id);
  await redis.connection.flushall();
  expect((await parts.images.get(id))?.deleteRequestedAt).not.toBeNull();
});

it('deletes an image of one owner before the many of another owner that are due longer', async () => {
  const parts = await openWorkerParts(redis);
  for (let i = 0; i < 100; i++) await published(parts, { deleteAt: ago(HOUR_MS) });
  const id = await published(parts, { owner: 'other', deleteAt: ago(1000) });
  await run(parts);
  expect(parts.queue.deletions).toHaveLength(101);
  expect(parts.queue.deletions.indexOf(id)).toBeLessThan(64);
});

it('queues a deletion again after its job was lost', async () => {
  const parts = await openWorkerParts(redis);
  const id = await published(parts, { deleteAt: ago(1000) });
  await run(parts);
  const { deletionsOf } = recordKeys(redis.settings.prefix);
  await redis.connection.zadd(deletionsOf('acme'), Date.now() - 1, id);
  await run(parts);
  expect(parts.queue.deletions).toEqual([id, id]);
});

it('forgets no record before its image is deleted', async () => {
  const parts = await openWorkerParts(redis);
  const expired = { finishedAt: ago(2 * HOUR_MS), expiresAt: ago(HOUR_MS) };
  const id = await published(parts, { ...expired, deleteAt: ago(-HOUR_MS) });
  expect(await forgetImage(parts, id)).toBe(false);
  expect(await parts.records.get(id)).not.toBeNull();
  expect(await forgetImage(parts, await published(parts, expired))).toBe(true);
});
