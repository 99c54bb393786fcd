import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProfiles } from '@pixdock/contract/profile';
import type { JobQueue } from '@pixdock/shared/queue/queue';
import { makeFolder } from '@pixdock/shared/state/files/durable';
import { openBatches } from '@pixdock/shared/state/records/batches';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { NewItem } from '@pixdock/shared/state/records/manifest-item';
import { openRecords } from '@pixdock/shared/state/records/records';
import { openStaging } from '@pixdock/shared/state/staging';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { WorkerDeps } from '../deps.js';
import { newMemory } from './batch-cursors.js';
import { cancelItems } from './cancel-items.js';
import { removeItems } from './delete-items.js';
import { fill } from './fill.js';
import { type OpenBatch, untouched } from './item-record.js';
import { openOwnerWindows } from './owner-window.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-fill-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => redis.connection.flushall());

const NEVER = new AbortController().signal;

/** A batch of three that is gone over while somebody does something when an item is first looked for in Redis. */
async function batchOfThree(
  meanwhile: (item: ImageRecord, others: Others) => Promise<unknown>,
  items: readonly NewItem[] = [1, 2, 3].map((row) => testItem(row)),
) {
  const { connection, settings } = redis;
  const staging = await openStaging(dataDir);
  const batches = openBatches(connection, settings.prefix);
  const records = openRecords(connection, settings.prefix);
  const entry = testBatch();
  const arrival = await staging.batches.receive(entry.id);
  for (const item of items) await arrival.add(item);
  await arrival.commit(entry);
  await batches.create((await staging.batches.open(entry.id))?.entry ?? entry, 1);
  const [state, manifest] = [await batches.get(entry.id), await staging.batches.open(entry.id)];
  if (state === null || manifest === null) throw new Error('not there');
  const batch = { state, manifest, memory: newMemory(1), windows: openOwnerWindows(batches) };
  const ran: string[] = [];
  const removed: string[] = [];
  const queue: Partial<JobQueue> = {
    run: async ({ id }) => void ran.push(id),
    delete: async (id) => void ran.push(id),
    isRunning: async () => false,
  };
  const restore = () => batches.create(entry, 900);
  let isFirst = true;
  const get = async (id: string) => {
    const found = await records.get(id);
    if (isFirst) {
      isFirst = false;
      const item = await untouched({ staging }, batch, 0, await manifest.item(0));
      await meanwhile(item, { records, restore });
    }
    return found;
  };
  const config = { retentionMs: 1000, profiles: builtInProfiles(), store: { prefix: '' } };
  const store = { remove: async (key: string) => void removed.push(key) };
  const own = { staging, batches, records: { ...records, get }, queue, config, store };
  const deps = own as unknown as WorkerDeps;
  /** The batch as it is after Redis lost it and was restored, with an item that a worker who was killed had in hand. */
  async function lose(): Promise<OpenBatch> {
    await redis.connection.flushall();
    await restore();
    await makeFolder(staging.layout.image(batch.manifest.id(0)));
    return { ...batch, state: (await batches.get(entry.id)) ?? batch.state, memory: newMemory(900) };
  }
  return { removed, lose, deps, batch, ran, batches, ids: [0, 1, 2].map((place) => manifest.id(place)) };
}

interface Others extends Pick<WorkerDeps, 'records'> {
  /** Puts the batch back into a Redis that lost it. */
  restore: () => Promise<unknown>;
}

test('an item whose record somebody else makes in the same moment is put under way all the same', async () => {
  const { deps, batch, ran, ids } = await batchOfThree((item, { records }) => records.create(item));
  expect(await fill(deps, batch, NEVER)).toBe(3);
  expect(ran).toEqual(ids);
});

test('nothing is put under way of a batch that Redis loses meanwhile, and gets back', async () => {
  const { deps, batch, ran, batches } = await batchOfThree(async (_, { restore }) => {
    await redis.connection.flushall();
    await restore();
  });
  expect(await fill(deps, batch, NEVER)).toBe(0);
  expect(ran).toEqual([]);
  expect(await batches.get(batch.state.id)).toMatchObject({ next: 0, queued: 3 });
});

test('an item whose record somebody else makes in the same moment is deleted all the same', async () => {
  const { deps, batch, ran, ids, batches } = await batchOfThree((item, { records }) => records.create(item));
  await removeItems(deps, batch, NEVER);
  await removeItems(deps, batch, NEVER);
  expect(ran).toEqual([ids[0]]);
  expect(await batches.get(batch.state.id)).toMatchObject({ deleted: 2, queued: 1, deletedBefore: 3 });
});

test('an item that was in hand when Redis was emptied is deleted when its objects are', async () => {
  const { deps, lose, ran, ids, batch, batches } = await batchOfThree(async () => {});
  await removeItems(deps, await lose(), NEVER);
  expect(ran).toEqual([ids[0]]);
  expect((await deps.records.get(ids[0] ?? ''))?.status).toBe('queued');
  expect(await batches.get(batch.state.id)).toMatchObject({ queued: 1, deleted: 2 });
});

test('an item that was in hand when Redis was emptied is canceled, and what it may have stored removed', async () => {
  const { deps, lose, removed, ids, batch, batches } = await batchOfThree(async () => {});
  await cancelItems(deps, await lose(), NEVER);
  expect((await deps.records.get(ids[0] ?? ''))?.status).toBe('canceled');
  expect(await batches.get(batch.state.id)).toMatchObject({ queued: 0, canceled: 3 });
  const hex = (ids[0] ?? '').slice(4);
  expect(removed).toContain(`${hex.slice(0, 2)}/${hex}/main.jpg`);
  expect(removed.every((key) => key.includes(hex))).toBe(true);
});

test('an item that ended just before Redis went back to an earlier state is not canceled with its batch', async () => {
  const { deps, batch, ids, batches } = await batchOfThree(async () => {});
  const record = await untouched(deps, batch, 0, await batch.manifest.item(0));
  const now = new Date().toISOString();
  const ended = { status: 'published', version: 7, finishedAt: now, expiresAt: now } as const;
  await deps.staging.settle({ ...record, ...ended });
  await cancelItems(deps, batch, NEVER);
  const found = await deps.records.getMany(ids);
  expect(found.map((item) => item?.status)).toEqual(['published', undefined, undefined]);
  expect(await batches.get(batch.state.id)).toMatchObject({ published: 1, canceled: 2, queued: 0 });
  expect(found[0]?.version).toBeGreaterThan(7);
});

test('an invalid row fails also when its batch is canceled before its turn', async () => {
  const fault = { code: 'invalid_row', detail: { en: 'no URL', zh: '没有 URL' } } as const;
  const invalid = testItem(2, { origin: null, fault });
  const items = [testItem(1), invalid, testItem(3)];
  const { deps, batch, batches } = await batchOfThree(async () => {}, items);
  await cancelItems(deps, batch, NEVER);
  expect(await batches.get(batch.state.id)).toMatchObject({ queued: 0, failed: 1, canceled: 2 });
});
