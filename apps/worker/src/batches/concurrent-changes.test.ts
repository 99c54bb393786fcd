import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProfiles } from '@pixdock/contract/profile';
import { sleep } from '@pixdock/shared/runtime/clock';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import type { NewItem } from '@pixdock/shared/state/batches/manifest-item';
import { firstVersionIn } from '@pixdock/shared/state/epoch';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords, type Records } from '@pixdock/shared/state/images/records';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { changedRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Parts } from '../deps.js';
import { openQueueDouble } from '../testing/queue-double.js';
import { openStoreDouble } from '../testing/store-double.js';
import { openTestEvents } from '../testing/test-events.js';
import { type BatchPass, newCursor } from './batch-pass.js';
import { cancelItems } from './cancel-items.js';
import { deleteItems } from './delete-items.js';
import { fill } from './fill.js';
import { openOwnerWindows } from './owner-window.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-fill-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => redis.connection.flushall());

const NEVER = new AbortController().signal;

/** A batch, by default of three items, and `meanwhile`, which runs once after an item was first read from Redis. */
async function openBatch(
  meanwhile: (item: ImageRecord, others: Others) => Promise<unknown>,
  items: readonly NewItem[] = [1, 2, 3].map((row) => testItem(row)),
) {
  const { connection, settings } = redis;
  const staging = await openTestStaging(dataDir);
  const batches = openBatches(openBatchStates(connection, settings.prefix), staging);
  const records = openRecords(connection, settings.prefix);
  const entry = testBatch({ total: items.length });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const item of items) await arrival.add(item);
  await arrival.commit(entry);
  await batches.create((await staging.batches.open(entry.id))?.entry ?? entry, 1);
  const [state, manifest] = [await batches.get(entry.id), await staging.batches.open(entry.id)];
  if (state === null || manifest === null) throw new Error('not there');
  const batch = { state, manifest, cursor: newCursor(1), windows: openOwnerWindows(batches) };
  const queue = openQueueDouble();
  const removed: string[] = [];
  const store = openStoreDouble();
  store.before = (operation, key) => operation === 'remove' && removed.push(key);
  const restore = () => batches.create(entry, firstVersionIn(1));
  let isFirst = true;
  /** Calls `meanwhile` after the first record is read. */
  const afterFirst = async <Found>(found: Found): Promise<Found> => {
    if (!isFirst) return found;
    isFirst = false;
    const item = await images.firstOf(state, manifest, 0, await manifest.item(0));
    await meanwhile(item, { images, restore });
    return found;
  };
  const get: Records['get'] = async (id) => afterFirst(await records.get(id));
  const getMany: Records['getMany'] = async (ids) => afterFirst(await records.getMany(ids));
  const config = {
    retentionMs: 1000,
    profiles: builtInProfiles(),
    store: { prefix: '', prefixes: [''] },
  };
  const read = { ...records, get, getMany };
  const images = openImages({ records: read, batches, staging });
  const deps = {
    staging,
    batches,
    images,
    queue,
    config,
    store,
    events: openTestEvents(),
  };
  /** The batch after Redis lost it and it was restored, with an item that was in progress in a killed worker. */
  async function lose(): Promise<BatchPass> {
    await redis.connection.flushall();
    await restore();
    await makeFolder(staging.layout.image(batch.manifest.id(0)));
    return {
      ...batch,
      state: (await batches.get(entry.id)) ?? batch.state,
      cursor: newCursor(firstVersionIn(1)),
    };
  }
  return { removed, lose, deps, batch, queue, batches, ids: [0, 1, 2].map((place) => manifest.id(place)) };
}

interface Others extends Parts<'images'> {
  /** Restores the batch in a Redis that lost it. */
  restore: () => Promise<unknown>;
}

it('starts an item whose record is created at the same moment', async () => {
  const { deps, batch, queue, ids } = await openBatch((item, { images }) => images.create(item));
  expect(await fill(deps, batch, NEVER)).toBe(3);
  expect(new Set(queue.runs.map(({ id }) => id))).toEqual(new Set(ids));
});

it('starts the items of a batch at the same time', async () => {
  const { deps, batch, ids } = await openBatch(async () => {});
  const all = Promise.withResolvers<void>();
  let atOnce = 0;
  let most = 0;
  const enqueue = async () => {
    most = Math.max(most, ++atOnce);
    if (most === ids.length) all.resolve();
    await Promise.race([all.promise, sleep(1000)]);
    atOnce--;
  };
  expect(await fill({ ...deps, queue: { ...deps.queue, enqueue } }, batch, NEVER)).toBe(3);
  expect(most).toBe(3);
});

it('starts no item of a batch that Redis loses and gets back meanwhile', async () => {
  // One item: others would start while the first one is read.
  const { deps, batch, queue, batches } = await openBatch(
    async (_, { restore }) => {
      await redis.connection.flushall();
      await restore();
    },
    [testItem(1)],
  );
  expect(await fill(deps, batch, NEVER)).toBe(0);
  expect(queue.runs).toEqual([]);
  expect(await batches.get(batch.state.id)).toMatchObject({ next: 0, queued: 1 });
});

it('deletes an item whose record is created at the same moment', async () => {
  const { deps, batch, queue, ids, batches } = await openBatch((item, { images }) => images.create(item));
  await deleteItems(deps, batch, NEVER);
  await deleteItems(deps, batch, NEVER);
  expect(queue.deletions).toEqual([ids[0]]);
  expect(await batches.get(batch.state.id)).toMatchObject({ deleted: 2, queued: 1, deletedBefore: 3 });
});

it('deletes an item that was in progress when Redis was emptied once its objects are removed', async () => {
  const { deps, lose, queue, ids, batch, batches } = await openBatch(async () => {});
  await deleteItems(deps, await lose(), NEVER);
  expect(queue.deletions).toEqual([ids[0]]);
  expect((await deps.images.inRedis(ids[0] ?? ''))?.status).toBe('queued');
  expect(await batches.get(batch.state.id)).toMatchObject({ queued: 1, deleted: 2 });
});

it('cancels an item that was in progress when Redis was emptied, and removes its possible objects', async () => {
  const { deps, lose, removed, ids, batch, batches } = await openBatch(async () => {});
  await cancelItems(deps, await lose(), NEVER);
  expect((await deps.images.inRedis(ids[0] ?? ''))?.status).toBe('canceled');
  expect(await batches.get(batch.state.id)).toMatchObject({ queued: 0, canceled: 3 });
  const hex = (ids[0] ?? '').slice(4);
  expect(removed).toContain(`${hex.slice(0, 2)}/${hex}/main.jpg`);
  expect(removed.every((key) => key.includes(hex))).toBe(true);
});

it('does not cancel an item that ended just before Redis went back to an earlier state', async () => {
  const { deps, batch, ids, batches } = await openBatch(async () => {});
  const record = await deps.images.firstOf(batch.state, batch.manifest, 0, await batch.manifest.item(0));
  const now = new Date().toISOString();
  const ended = { status: 'published', version: 7, finishedAt: now, expiresAt: now } as const;
  await deps.staging.writeOutcome(changedRecord(record, ended));
  await cancelItems(deps, batch, NEVER);
  const found = await deps.images.inRedisMany(ids);
  expect(found.map((item) => item?.status)).toEqual(['published', undefined, undefined]);
  expect(await batches.get(batch.state.id)).toMatchObject({ published: 1, canceled: 2, queued: 0 });
  expect(found[0]?.version).toBeGreaterThanOrEqual(7);
});

it('fails an invalid row also when its batch is canceled before its turn', async () => {
  const fault = storedError('invalid_row');
  const invalid = testItem(2, { origin: null, fault });
  const items = [testItem(1), invalid, testItem(3)];
  const { deps, batch, batches } = await openBatch(async () => {}, items);
  await cancelItems(deps, batch, NEVER);
  expect(await batches.get(batch.state.id)).toMatchObject({ queued: 0, failed: 1, canceled: 2 });
});
