import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isoTime } from '@pixdock/shared/runtime/clock';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { decide } from '@pixdock/shared/state/images/transitions';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { changedRecord, type RecordChanges } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { CONTEXT, HOUR_MS, openWorkerParts } from '../testing/worker-parts.js';
import { expandBatch, expandIfChanged } from './expand-batch.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const ROWS = [1, 2, 3];

/** An item whose request headers are a file of its batch. */
const itemOf = (row: number) =>
  testItem(row, {
    origin: {
      kind: 'url',
      url: `https://pictures.example/${row}.jpg`,
      headers: { referer: 'https://a.example' },
    },
  });

/** An accepted batch of items with different URLs. */
async function acceptedBatch(minVersion = 1, rows = ROWS, changes: Partial<BatchEntry> = {}) {
  const parts = await openWorkerParts(redis);
  const { staging, batches, records } = parts;
  const entry = testBatch({ total: rows.length, invalid: 0, ...changes });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const row of rows) await arrival.add(itemOf(row));
  await arrival.commit(entry);
  await batches.create(entry, minVersion);
  const items = rows.map((row, place) => newItemRecord(entry, place, testItem(row), minVersion));
  const ids = items.map(({ id }) => id);
  const read = async () => {
    const state = await batches.get(entry.id);
    if (state === null) throw new Error('no batch');
    return state;
  };
  /** Ends all items. @param ofFirst changes of the first one */
  async function finish(status: 'published' | 'failed', ofFirst: RecordChanges = {}) {
    const expiresAt = isoTime(Date.now() + HOUR_MS);
    for (const [place, item] of items.entries())
      await records.create(changedRecord(item, { status, expiresAt, ...(place === 0 ? ofFirst : {}) }));
  }
  return { parts, payload: { batchId: entry.id, owner: entry.owner }, items, ids, read, finish };
}

const again = { outcome: 'again', afterMs: expect.any(Number) };

it('creates and queues the items of a new batch, and comes again', async () => {
  const { parts, payload, ids, read } = await acceptedBatch();
  expect(await expandBatch(parts)(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 200 });
  expect(new Set(parts.queue.runs.map(({ id }) => id))).toEqual(new Set(ids));
  const records = await parts.records.getMany(ids);
  expect(records.map((record) => record?.status)).toEqual(['queued', 'queued', 'queued']);
  expect(await read()).toMatchObject({ next: 3, queued: 3 });
});

it('comes again after a longer delay when there is nothing to start', async () => {
  const { parts, payload } = await acceptedBatch();
  const expand = expandBatch(parts);
  await expand(payload, CONTEXT);
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 1000 });
});

it('queues started items again that have lost their jobs', async () => {
  const { parts, payload, ids } = await acceptedBatch();
  await expandBatch(parts)(payload, CONTEXT);
  parts.queue.runs.length = 0;
  // A worker that has just started looks for lost jobs in its first pass.
  await expandBatch(parts)(payload, CONTEXT);
  expect(parts.queue.runs.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

it('starts no item once the worker stops', async () => {
  const { parts, payload, ids } = await acceptedBatch();
  await expandBatch(parts)(payload, { ...CONTEXT, signal: AbortSignal.abort() });
  expect((await parts.records.getMany(ids)).every((record) => record === null)).toBe(true);
});

it('closes a batch whose items are published, and removes its files', async () => {
  const { parts, payload, read, finish } = await acceptedBatch();
  await finish('published');
  expect(await expandBatch(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  const { finishedAt, expiresAt } = await read();
  expect(finishedAt).not.toBe(null);
  expect(expiresAt).toBeGreaterThan(Date.now());
  expect(await readdir(parts.staging.layout.batch(payload.batchId))).not.toContain('materials');
});

it('keeps the workbook of a finished batch for its report', async () => {
  const workbook = { part: 'sheet1.xml', styles: null, headerRow: 1, urlColumns: [1], reportColumn: 2 };
  const { parts, payload, finish } = await acceptedBatch(1, ROWS, { workbook });
  await finish('published');
  expect(await expandBatch(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await readdir(parts.staging.layout.batch(payload.batchId))).toContain('materials');
});

it('keeps the files of a batch with failed items, and gives these a new run when a retry is requested', async () => {
  const { parts, payload, ids, finish } = await acceptedBatch();
  const { batches, records } = parts;
  await finish('failed');
  const expand = expandBatch(parts);
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await readdir(parts.staging.layout.batch(payload.batchId))).toContain('materials');
  await new Promise((resolve) => setTimeout(resolve, 2));
  await batches.retry(payload.batchId, null);
  expect(await expand(payload, CONTEXT)).toEqual(again);
  const retried = await records.getMany(ids);
  expect(retried.map((record) => [record?.status, record?.run])).toEqual(ids.map(() => ['queued', 2]));
  expect(new Set(parts.queue.runs.map(({ id }) => id))).toEqual(new Set(ids));
});

it('retries many failed items in several passes, each of them right after the last one', async () => {
  const rows = Array.from({ length: 150 }, (_, i) => i + 1);
  const { parts, payload, ids, finish } = await acceptedBatch(1, rows);
  await finish('failed');
  const expand = expandBatch(parts);
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'done' });
  await new Promise((resolve) => setTimeout(resolve, 2));
  await parts.batches.retry(payload.batchId, null);
  const countRetried = async () =>
    (await parts.records.getMany(ids)).filter((record) => record?.run === 2).length;
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await countRetried()).toBe(128);
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 200 });
  expect(await countRetried()).toBe(150);
});

it('leaves an item as it is that failed after the retry was requested', async () => {
  const { parts, payload, ids, finish } = await acceptedBatch();
  await finish('failed', { finishedAt: isoTime(Date.now() + HOUR_MS) });
  await new Promise((resolve) => setTimeout(resolve, 2));
  await parts.batches.retry(payload.batchId, null);
  await expandBatch(parts)(payload, CONTEXT);
  const retried = await parts.records.getMany(ids);
  expect(retried.map((record) => record?.run)).toEqual([1, 2, 2]);
});

it('retries only the failures with the requested code after Redis lost the batch', async () => {
  const { parts, payload, ids, finish } = await acceptedBatch(2);
  await finish('failed', { error: storedError('source_timeout') });
  await new Promise((resolve) => setTimeout(resolve, 2));
  await parts.batches.retry(payload.batchId, 'source_timeout');
  await expandBatch(parts)(payload, CONTEXT);
  const retried = await parts.records.getMany(ids);
  expect(retried.map((record) => record?.run)).toEqual([2, 1, 1]);
});

it('cancels the items of a canceled batch, started or not', async () => {
  const { parts, payload, items, read } = await acceptedBatch();
  const [started] = items;
  if (started !== undefined) await parts.records.create(started);
  await parts.batches.request(payload.batchId, 'cancelRequestedAt');
  expect(await expandBatch(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await read()).toMatchObject({ queued: 0, canceled: 3 });
  expect(parts.queue.runs).toEqual([]);
});

it('deletes the items of a deleted batch, and then everything but a file with its entry and a tombstone', async () => {
  const { parts, payload, read } = await acceptedBatch();
  await parts.batches.request(payload.batchId, 'deleteRequestedAt');
  const expand = expandBatch(parts);
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await read()).toMatchObject({ queued: 0, deleted: 3 });
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'done' });
  const left = await readdir(dirname(parts.staging.layout.batch(payload.batchId)));
  expect(left).toEqual([`${payload.batchId}.json`]);
});

it('forgets a batch whose submission was refused', async () => {
  const parts = await openWorkerParts(redis);
  const entry = testBatch();
  await parts.batches.create(entry, 1);
  expect(await expandBatch(parts)({ batchId: entry.id, owner: entry.owner }, CONTEXT)).toEqual({
    outcome: 'done',
  });
  expect(await parts.batches.get(entry.id)).toBe(null);
});

it('does nothing for a batch without a state', async () => {
  const { parts, payload } = await acceptedBatch();
  await redis.connection.flushall();
  expect(await expandBatch(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect(parts.queue.runs).toEqual([]);
});

it('expands a batch again that was changed while its job ended, and no other', async () => {
  const { parts, payload, finish } = await acceptedBatch();
  const { batches, queue } = parts;
  const follow = expandIfChanged(parts);
  await finish('failed');
  expect(await expandBatch(parts)(payload, CONTEXT)).toEqual({ outcome: 'done' });
  await follow(payload);
  expect(queue.expansions).toEqual([]);
  await batches.retry(payload.batchId, null);
  await follow(payload);
  expect(queue.expansions).toEqual([payload.batchId]);
});

it('ends its job while all remaining items wait for people, and no sooner', async () => {
  const { parts, payload, items, read } = await acceptedBatch(1, [1, 2]);
  const { records, queue } = parts;
  const expand = expandBatch(parts);
  await expand(payload, CONTEXT);
  const at = isoTime();
  const hold = (id: string) =>
    records.transition(id, (record) =>
      changedRecord(record, {
        status: 'processing',
        stage: 'reviewing',
        review: { decision: 'hold', by: 'manual', reasons: [], at, heldAt: at },
      }),
    );
  const [first, second] = items;
  if (first === undefined || second === undefined) throw new TypeError('two items');
  await hold(first.id);
  expect(await read()).toMatchObject({ held: 1, processing: 1, queued: 1 });
  expect(await expand(payload, CONTEXT)).toEqual(again);
  await hold(second.id);
  expect(await expand(payload, CONTEXT)).toEqual({ outcome: 'done' });
  queue.expansions.length = 0;
  await expandIfChanged(parts)(payload);
  expect(queue.expansions).toEqual([]);
  // The next pass starts an item whose decision lost its job.
  queue.runs.length = 0;
  await records.transition(first.id, (record) =>
    decide(record, { decision: 'approve', by: 'manual', reasons: [], at, heldAt: at }),
  );
  expect(await read()).toMatchObject({ held: 1, processing: 2 });
  expect(await expand(payload, CONTEXT)).toEqual(again);
  expect(new Set(queue.runs.map(({ id }) => id))).toEqual(new Set([first.id]));
});

it('does not expand a batch again whose files are gone', async () => {
  const parts = await openWorkerParts(redis);
  const entry = testBatch();
  await parts.batches.create(entry, 1);
  await expandIfChanged(parts)({ batchId: entry.id, owner: entry.owner });
  expect(parts.queue.expansions).toEqual([]);
});
