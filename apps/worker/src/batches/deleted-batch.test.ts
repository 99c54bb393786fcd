import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openQueue } from '@pixdock/shared/queue/queue';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { createLog } from '@pixdock/shared/runtime/log';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import { type BatchStates, openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import type { NewItem } from '@pixdock/shared/state/batches/manifest-item';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords } from '@pixdock/shared/state/images/records';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { markDeleted, requestDelete } from '@pixdock/shared/state/images/transitions';
import { openStorageHealth } from '@pixdock/shared/state/service/storage-health';
import type { StagedBatches } from '@pixdock/shared/state/staged/staged-batches';
import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import type { StoredEvent } from '@pixdock/shared/state/webhooks/outbox-entry';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { changedRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { restoreAll } from '@pixdock/shared/testing/restore-all';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openCircuitBreaker } from '../admission/circuit-breaker.js';
import { deleteImage } from '../jobs/delete-image.js';
import { expandBatch } from '../jobs/expand-batch.js';
import { forgetBatch } from '../retention/forget-batch.js';
import { openStoreDouble } from '../testing/store-double.js';
import { openTestEvents } from '../testing/test-events.js';
import { CONTEXT } from '../testing/worker-parts.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const queue = openQueue(connection, settings.prefix);
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-deleted-'));
afterAll(async () => {
  await queue.close();
  await redis.stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => connection.flushall());

const DAY_MS = 24 * 3600_000;
const FAULT = storedError('invalid_row');

const invalidItem = (row: number) => testItem(row, { origin: null, fault: FAULT });

/** @param folder with the staging of a worker that was killed */
async function open(folder?: string) {
  const staging = await openTestStaging(folder ?? (await mkdtemp(join(dataDir, 'data-'))));
  const records = openRecords(connection, settings.prefix);
  const batches = openBatches(openBatchStates(connection, settings.prefix), staging);
  const images = openImages({ records, batches, staging });
  const idempotency = openIdempotency(connection, settings.prefix);
  const log = createLog('test', { level: 'silent' });
  const config = { retentionMs: DAY_MS, profiles: new Map(), store: { prefix: '', prefixes: [''] } };
  const deliveries = openDeliveries(connection, settings.prefix);
  const parts = { staging, records, images, batches, queue, idempotency, deliveries, log };
  const health = openStorageHealth(connection, settings.prefix);
  const events = openTestEvents(log);
  const breaker = openCircuitBreaker(health, events);
  return {
    ...parts,
    deps: {
      ...parts,
      config,
      breaker,
      privateBreaker: breaker,
      events,
      store: openStoreDouble(),
      purges: null,
    },
  };
}

type Parts = Awaited<ReturnType<typeof open>>;

async function submit({ staging, batches }: Parts, items: NewItem[]): Promise<BatchEntry> {
  const invalid = items.filter(({ fault }) => fault !== null).length;
  const idempotency = { keyHash: 'k', fingerprint: 'f' };
  const entry = testBatch({ total: items.length, invalid, retentionMs: DAY_MS, idempotency });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const item of items) await arrival.add(item);
  await arrival.commit(entry);
  await batches.create(entry, 1);
  return entry;
}

/** The batch's job, again and again; the deletions that it queues are done at once. */
async function work({ deps, records, staging }: Parts, batchId: string, passes = 20): Promise<void> {
  const done = async (id: string) => {
    await records.transition(id, requestDelete);
    const changed = await records.transition(id, (record) => markDeleted(record, DAY_MS));
    if (changed.outcome === 'changed') await staging.writeOutcome(changed.record);
  };
  const expand = expandBatch({ ...deps, queue: { ...deps.queue, delete: done } });
  for (let i = 0; i < passes; i++)
    if ((await expand({ batchId, owner: 'acme' }, CONTEXT)).outcome === 'done') return;
  throw new Error('the batch does not come to its end');
}

const read = async ({ batches }: Parts, id: string) => {
  const state = await batches.get(id);
  if (state === null) throw new Error('no such batch');
  return state;
};
/** The names of a batch's folder and file in staging. */
const namesOf = ({ staging }: Parts, id: string) => readdir(dirname(staging.layout.batch(id)));
const recordKeys = () => connection.keys(`${settings.prefix}:image:*`);
const rows = (count: number) => Array.from({ length: count }, (_, i) => testItem(i + 1));

/** A batch of three, one of them invalid and one of them published, that is deleted. */
async function deletedBatch(parts: Parts) {
  const entry = await submit(parts, [testItem(1), invalidItem(2), testItem(3)]);
  const item = newItemRecord(entry, 0, testItem(1), 1);
  const published = changedRecord(item, { status: 'published', expiresAt: isoTime() });
  await parts.records.create(published);
  await parts.staging.writeOutcome(published);
  await parts.staging.batches.noteChange(entry.id, 'deleted');
  await parts.batches.request(entry.id, 'deleteRequestedAt');
  return { entry, published };
}

it('deletes 3,000 items that have no record without making them one', async () => {
  const parts = await open();
  const invalid = Array.from({ length: 500 }, (_, i) => invalidItem(2501 + i));
  const { id } = await submit(parts, [...rows(2500), ...invalid]);
  expect(await read(parts, id)).toMatchObject({ queued: 2500, failed: 500 });
  await parts.batches.request(id, 'deleteRequestedAt');
  await work(parts, id);
  expect(toBatch(await read(parts, id))).toMatchObject({ status: 'finished', counts: { deleted: 3000 } });
  expect(await recordKeys()).toEqual([]);
});

it('cancels items that have no record without making them one, and leaves invalid rows failed', async () => {
  const parts = await open();
  const { id } = await submit(parts, [...rows(1200), invalidItem(1201)]);
  await parts.batches.request(id, 'cancelRequestedAt');
  await work(parts, id);
  expect(toBatch(await read(parts, id))).toMatchObject({
    status: 'canceled',
    counts: { queued: 0, canceled: 1200, failed: 1 },
  });
  expect(await recordKeys()).toEqual([]);
  await parts.batches.request(id, 'deleteRequestedAt');
  await work(parts, id);
  expect(toBatch(await read(parts, id)).counts).toMatchObject({ canceled: 0, failed: 0, deleted: 1201 });
});

it('gives an item of a canceled batch no record that says it waits', async () => {
  const parts = await open();
  const entry = await submit(parts, rows(3));
  await parts.batches.request(entry.id, 'cancelRequestedAt');
  await work(parts, entry.id);
  const late = newItemRecord(entry, 1, testItem(2), 1);
  expect(await parts.records.create(late)).toBe(false);
  expect(await parts.records.create(changedRecord(late, { status: 'canceled' }))).toBe(true);
  expect(await read(parts, entry.id)).toMatchObject({ queued: 0, canceled: 3 });
});

it('keeps nothing of a deleted batch but a file with its entry and a tombstone', async () => {
  const parts = await open();
  const { entry, published } = await deletedBatch(parts);
  await work(parts, entry.id);
  expect(await namesOf(parts, entry.id)).toEqual([`${entry.id}.json`]);
  expect(await recordKeys()).toEqual([]);
  expect(await parts.staging.ownEntry(published.id)).toBe(null);
  const state = await read(parts, entry.id);
  expect(toBatch(state)).toMatchObject({ status: 'finished', total: 3, counts: { deleted: 3 } });
  expect(await parts.batches.openIds()).toEqual([]);
  expect(await parts.batches.someItems(entry.id, 0, 10)).toEqual([]);
  expect((await parts.staging.entry(published.id))?.record).toMatchObject({
    status: 'deleted',
    deleteRequestedAt: expect.any(String),
  });
  // A late attempt does not bring the item back.
  expect(await parts.records.create({ ...published, version: 10 ** 15 })).toBe(false);
});

it('removes the events of a deleted batch and its items, except those of deletions that are still to be sent', async () => {
  const parts = await open();
  const { entry, published } = await deletedBatch(parts);
  const event = (id: string, type: StoredEvent['type']): StoredEvent => {
    const data = { id, version: 1, status: '', batchId: null, urls: [], code: null };
    return { type, timestamp: published.createdAt, data };
  };
  const deletion = event(published.id, 'image.deleted');
  const events = [event(published.id, 'image.published'), event(entry.id, 'batch.finished'), deletion];
  const [target, owner] = [{ endpointId: `whe_${'1'.repeat(32)}`, url: null }, published.owner];
  for (const one of events) await parts.deliveries.add(owner, one, [target]);
  await work(parts, entry.id);
  const { items } = await parts.deliveries.list(owner, {}, null, 10);
  expect(items.map((delivery) => delivery.event)).toEqual([deletion]);
});

it('brings no item of a deleted batch back after Redis lost everything', async () => {
  const parts = await open();
  const { entry, published } = await deletedBatch(parts);
  await work(parts, entry.id);
  const before = toBatch(await read(parts, entry.id));
  await connection.flushall();
  await restoreAll(parts);
  const after = toBatch(await read(parts, entry.id));
  expect(after).toMatchObject({ ...before, version: after.version, updatedAt: after.updatedAt });
  expect(after.version).toBeGreaterThan(before.version);
  expect(await parts.records.get(published.id)).toBe(null);
  expect(await parts.records.create({ ...published, version: 10 ** 15 })).toBe(false);
  const claim = await parts.idempotency.claim(entry.owner, ['k'], 'bat_0');
  expect(claim).toMatchObject({ outcome: 'done', done: { resourceId: entry.id } });
  await work(parts, entry.id);
  expect(await parts.batches.openIds()).toEqual([]);
});

it.each(['addTombstone', 'dropRows'] as const)(
  'resumes the removal of a deleted batch after a crash and the loss of Redis before %s',
  async (step) => {
    const parts = await open();
    const { entry, published } = await deletedBatch(parts);
    const real = parts.staging.batches;
    const dies = async () => {
      throw new Error('killed');
    };
    const dying = { ...parts, deps: { ...parts.deps } };
    dying.deps.staging = { ...parts.staging, batches: { ...real, [step]: dies } };
    await expect(work(dying, entry.id)).rejects.toThrow('killed');
    await connection.flushall();
    await restoreAll(parts);
    await work(parts, entry.id);
    expect(await namesOf(parts, entry.id)).toEqual([`${entry.id}.json`]);
    expect(toBatch(await read(parts, entry.id)).counts.deleted).toBe(3);
    expect(await recordKeys()).toEqual([]);
    expect(await parts.staging.ownEntry(published.id)).toBe(null);
  },
);

it.each(['batch.json', 'items.ndjson'])(
  'resumes the removal of a deleted batch after a crash that left all of its folder but %s, and the loss of Redis',
  async (removed) => {
    const parts = await open();
    const { entry, published } = await deletedBatch(parts);
    const dying = { ...parts, deps: { ...parts.deps } };
    const dropRows: StagedBatches['dropRows'] = async (id) => {
      await rm(join(parts.staging.layout.batch(id), removed));
      throw new Error('killed');
    };
    dying.deps.staging = { ...parts.staging, batches: { ...parts.staging.batches, dropRows } };
    await expect(work(dying, entry.id)).rejects.toThrow('killed');
    await connection.flushall();
    const restarted = await open(dirname(parts.staging.layout.root));
    await restoreAll(restarted);
    await work(restarted, entry.id);
    expect(await namesOf(parts, entry.id)).toEqual([`${entry.id}.json`]);
    expect(toBatch(await read(restarted, entry.id)).counts.deleted).toBe(3);
    expect((await restarted.staging.entry(published.id))?.record.status).toBe('deleted');
  },
);

it('removes the entries of a deleted batch whose records Redis loses during the removal', async () => {
  const parts = await open();
  const { entry, published } = await deletedBatch(parts);
  const losing = { ...parts, deps: { ...parts.deps } };
  const someItems: BatchStates['someItems'] = async (...args) => {
    await connection.flushall();
    return parts.batches.someItems(...args);
  };
  losing.deps.batches = { ...parts.batches, someItems };
  await work(losing, entry.id);
  await restoreAll(parts);
  await work(parts, entry.id);
  expect(await namesOf(parts, entry.id)).toEqual([`${entry.id}.json`]);
  expect(await parts.staging.ownEntry(published.id)).toBe(null);
});

it('removes the entries of a deleted batch that Redis loses right before the removal', async () => {
  const parts = await open();
  const { entry, published } = await deletedBatch(parts);
  const losing = { ...parts, deps: { ...parts.deps } };
  const addTombstone: StagedBatches['addTombstone'] = async (...args) => {
    await connection.flushall();
    return parts.staging.batches.addTombstone(...args);
  };
  losing.deps.staging = { ...parts.staging, batches: { ...parts.staging.batches, addTombstone } };
  await work(losing, entry.id);
  expect(await parts.staging.ownEntry(published.id)).toBe(null);
});

it('resumes the removal of a deleted batch after a crash before its records are removed', async () => {
  const parts = await open();
  const { entry } = await deletedBatch(parts);
  const stopped = { ...parts, deps: { ...parts.deps } };
  const dies = async () => {
    throw new Error('killed');
  };
  stopped.deps.staging = { ...parts.staging, forget: dies };
  await expect(work(stopped, entry.id)).rejects.toThrow('killed');
  await work(parts, entry.id);
  expect(await namesOf(parts, entry.id)).toEqual([`${entry.id}.json`]);
  expect(await recordKeys()).toEqual([]);
});

it('deletes the items of a deleted batch again after Redis went back to a state in which they were not', async () => {
  const parts = await open();
  const { entry, published } = await deletedBatch(parts);
  await work(parts, entry.id);
  await connection.flushall();
  await parts.batches.create(entry, 1);
  await parts.records.create(published);
  expect((await parts.records.get(published.id))?.status).toBe('published');
  await restoreAll(parts);
  await work(parts, entry.id);
  expect(await recordKeys()).toEqual([]);
  expect(toBatch(await read(parts, entry.id))).toMatchObject({ status: 'finished', counts: { deleted: 3 } });
});

it('forgets a deleted batch when its retention ends', async () => {
  const parts = await open();
  const { entry } = await deletedBatch(parts);
  await work(parts, entry.id);
  const keys = await connection.keys(`${settings.prefix}:batch:${entry.id}*`);
  await connection.hset(keys[0] ?? '', 'expiresAt', 5);
  expect(await forgetBatch(parts.deps, entry.id, CONTEXT.signal)).toBe(true);
  expect(await parts.batches.get(entry.id)).toBe(null);
  expect(await parts.staging.batches.open(entry.id, 0)).toBe(null);
  expect(await connection.keys(`${settings.prefix}:batch*`)).toEqual([]);
});

it('removes an outcome that was written after the entries of a deleted batch were removed', async () => {
  const parts = await open();
  const { entry, published } = await deletedBatch(parts);
  await work(parts, entry.id);
  await parts.staging.writeOutcome({ ...published, version: 10 ** 15 });
  expect(await parts.staging.ownEntry(published.id)).not.toBe(null);
  await connection.hset(`${settings.prefix}:batch:${entry.id}`, 'expiresAt', 5);
  expect(await forgetBatch(parts.deps, entry.id, CONTEXT.signal)).toBe(true);
  expect(await parts.staging.ownEntry(published.id)).toBe(null);
});

it('forgets a large deleted batch over several sweeps', async () => {
  const parts = await open();
  const { id } = await submit(parts, rows(3000));
  await parts.batches.request(id, 'deleteRequestedAt');
  await work(parts, id);
  await connection.hset(`${settings.prefix}:batch:${id}`, 'expiresAt', 5);
  let sweeps = 0;
  let looked = 0;
  for (let isForgotten = false; !isForgotten; sweeps++) {
    const budget = new AbortController();
    let left = 1000;
    const forget = async (imageId: string) => {
      looked++;
      if (--left === 0) budget.abort();
      await parts.staging.forget(imageId);
    };
    const deps = { ...parts.deps, staging: { ...parts.staging, forget } };
    isForgotten = (await forgetBatch(deps, id, budget.signal)) === true;
  }
  expect(sweeps).toBe(3);
  expect(looked).toBe(3000);
  expect(await connection.keys(`${settings.prefix}:batch*`)).toEqual([]);
});

it('deletes a canceled item with the folder of an attempt from before the loss of Redis', async () => {
  const parts = await open();
  const entry = await submit(parts, rows(3));
  await connection.flushall();
  await restoreAll(parts);
  await parts.batches.request(entry.id, 'cancelRequestedAt');
  await work(parts, entry.id);
  const late = (await parts.staging.batches.open(entry.id))?.id(1) ?? '';
  await mkdir(parts.staging.layout.image(late), { recursive: true });
  await parts.batches.request(entry.id, 'deleteRequestedAt');
  await work(parts, entry.id);
  expect(toBatch(await read(parts, entry.id)).counts.deleted).toBe(3);
});

it('makes no record for rows that are invalid, and finishes a batch of nothing else', async () => {
  const parts = await open();
  const { id, createdAt } = await submit(
    parts,
    Array.from({ length: 1500 }, (_, i) => invalidItem(i + 1)),
  );
  await work(parts, id);
  expect(toBatch(await read(parts, id))).toMatchObject({
    status: 'finished',
    counts: { queued: 0, failed: 1500 },
    finishedAt: createdAt,
    expiresAt: isoTime(Date.parse(createdAt) + DAY_MS),
  });
  expect(await recordKeys()).toEqual([]);
  expect(await parts.records.expired(Date.now() + 2 * DAY_MS, 10)).toEqual([id]);
  await connection.flushall();
  await restoreAll(parts);
  await work(parts, id);
  expect(toBatch(await read(parts, id))).toMatchObject({ status: 'finished', counts: { failed: 1500 } });
});

it('counts an invalid row once when it gets a record after all, and when Redis lost the batch meanwhile', async () => {
  const parts = await open();
  const entry = await submit(parts, [invalidItem(1), invalidItem(2), testItem(3)]);
  const record = newItemRecord(entry, 0, invalidItem(1), 1);
  expect(record).toMatchObject({ status: 'failed', error: FAULT, finishedAt: entry.createdAt });
  await parts.records.create(record);
  expect(await read(parts, entry.id)).toMatchObject({ queued: 1, failed: 2 });
  await parts.records.transition(record.id, requestDelete);
  const deleted = await parts.records.transition(record.id, (current) => markDeleted(current, DAY_MS));
  if (deleted.outcome === 'changed') await parts.staging.writeOutcome(deleted.record);
  expect(await read(parts, entry.id)).toMatchObject({ queued: 1, failed: 1, deleted: 1 });
  await connection.del(`${settings.prefix}:batch:${entry.id}`);
  await restoreAll(parts);
  expect(await read(parts, entry.id)).toMatchObject({ queued: 1, failed: 1, deleted: 1 });
  await connection.flushall();
  await restoreAll(parts);
  expect(await read(parts, entry.id)).toMatchObject({ queued: 1, failed: 1, deleted: 1 });
});

it('deletes an invalid row whose deletion is noted, though it never had a record', async () => {
  const parts = await open();
  const entry = await submit(parts, [testItem(1), invalidItem(2)]);
  const imageId = (await parts.staging.batches.open(entry.id))?.id(1) ?? '';
  await parts.staging.requestDelete(imageId);
  const remove = deleteImage(parts.deps);
  const payload = { imageId, owner: entry.owner };
  expect(await remove(payload, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await parts.records.get(imageId))?.status).toBe('deleted');
  expect(await read(parts, entry.id)).toMatchObject({ failed: 0, deleted: 1, queued: 1 });
});
