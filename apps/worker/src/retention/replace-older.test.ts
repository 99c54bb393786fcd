import { createFileErrorSkipper } from '@pixdock/shared/runtime/file-errors';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { endRestore } from '@pixdock/shared/testing/end-restore';
import { type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openWorkerParts, type WorkerParts } from '../testing/worker-parts.js';
import { deleteDue } from './delete-due.js';
import { replaceOlder } from './replace-older.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
beforeEach(() => redis.connection.flushall());

/** Parts of a worker whose Redis has all images. */
async function openRestored(): Promise<WorkerParts> {
  const parts = await openWorkerParts(redis);
  await endRestore(parts.epoch);
  return parts;
}

const NEVER = new AbortController().signal;
const run = (parts: WorkerParts) => deleteDue(parts, createFileErrorSkipper(parts.log, 'a test'), NEVER);
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

/** An image with one externalId, submitted at an earlier time and published immediately. */
async function submitted(
  { records }: WorkerParts,
  seconds: number,
  changes: RecordChanges = {},
  replaces: 'later' | 'done' | null = null,
): Promise<string> {
  const createdAt = secondsAgo(seconds);
  const record = testRecord({
    externalId: 'sku-1',
    status: 'published',
    createdAt,
    finishedAt: createdAt,
    ...changes,
  });
  await records.create({ ...record, internal: { ...record.internal, replaces } });
  return record.id;
}

it('deletes the older images of its externalId, whatever their status, and no others', async () => {
  const parts = await openRestored();
  const older = [await submitted(parts, 90), await submitted(parts, 80, { status: 'failed' })];
  await submitted(parts, 90, { externalId: 'sku-2' });
  await submitted(parts, 90, { owner: 'other' });
  const id = await submitted(parts, 60, {}, 'later');
  await submitted(parts, 30);
  await run(parts);
  expect(parts.queue.deletions.toSorted()).toEqual(older.toSorted());
  for (const one of older) expect((await parts.records.get(one))?.deleteRequestedAt).not.toBeNull();
  expect((await parts.records.get(id))?.internal.replaces).toBe('done');
});

it('deletes itself if a later submission was published first', async () => {
  const parts = await openRestored();
  const [late, newest] = [await submitted(parts, 90, {}, 'later'), await submitted(parts, 60, {}, 'done')];
  await run(parts);
  expect(new Set(parts.queue.deletions)).toEqual(new Set([late]));
  expect((await parts.records.get(newest))?.deleteRequestedAt).toBeNull();
});

it('keeps the other items of its batch', async () => {
  const parts = await openRestored();
  const older = await submitted(parts, 90);
  const batchId = `bat_${'5f'.repeat(16)}`;
  const createdAt = secondsAgo(60);
  for (let row = 1; row <= 3; row++)
    await submitted(parts, 60, { batchId, row, createdAt, finishedAt: createdAt }, 'later');
  await run(parts);
  expect(new Set(parts.queue.deletions)).toEqual(new Set([older]));
});

it('leaves older images until the image is published, and for ten seconds after that', async () => {
  const parts = await openRestored();
  await submitted(parts, 90);
  await submitted(parts, 60, { status: 'processing', finishedAt: null }, 'later');
  await submitted(parts, 60, { finishedAt: secondsAgo(5) }, 'later');
  expect(await run(parts)).toBe(0);
  expect(parts.queue.deletions).toEqual([]);
});

it('does once what the items of a batch with one externalId need', async () => {
  const parts = await openRestored();
  const older = await submitted(parts, 90);
  const batchId = `bat_${'5f'.repeat(16)}`;
  const createdAt = secondsAgo(60);
  const ids: string[] = [];
  for (let row = 1; row <= 150; row++)
    ids.push(await submitted(parts, 60, { batchId, row, createdAt, finishedAt: createdAt }, 'later'));
  let pages = 0;
  const list: WorkerParts['images']['list'] = (...wanted) => {
    pages++;
    return parts.images.list(...wanted);
  };
  await run({ ...parts, images: { ...parts.images, list } });
  expect([pages, parts.queue.deletions]).toEqual([2, [older]]);
  for (const id of ids) expect((await parts.records.get(id))?.internal.replaces).toBe('done');
});

it('continues until Redis has the older images again', async () => {
  const parts = await openWorkerParts(redis);
  const id = await submitted(parts, 60, {}, 'later');
  await run(parts);
  expect((await parts.records.get(id))?.internal.replaces).toBe('later');
  const { deletionsOf } = recordKeys(redis.settings.prefix);
  expect(Number(await redis.connection.zscore(deletionsOf('acme'), id))).toBeLessThan(Date.now() + 60_000);
  const older = await submitted(parts, 90);
  await endRestore(parts.epoch);
  await redis.connection.zadd(deletionsOf('acme'), 0, id);
  await run(parts);
  expect(parts.queue.deletions).toEqual([older]);
  expect((await parts.records.get(id))?.internal.replaces).toBe('done');
});

it('continues later if its time is up', async () => {
  const parts = await openRestored();
  const record = await parts.records.get(await submitted(parts, 60, {}, 'later'));
  if (record === null) throw new Error('no record');
  expect(await replaceOlder(parts, record, AbortSignal.abort())).toBe(false);
  expect((await parts.records.get(record.id))?.internal.replaces).toBe('later');
});

it('leaves an image whose own deletion was requested to its deletion', async () => {
  const parts = await openRestored();
  await submitted(parts, 90);
  await submitted(parts, 60, { deleteRequestedAt: secondsAgo(1) }, 'later');
  expect(await run(parts)).toBe(0);
  expect(parts.queue.deletions).toEqual([]);
});
