import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@pixdock/shared/runtime/log';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { type Batches, openBatches } from '@pixdock/shared/state/batches/batches';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords, type Records } from '@pixdock/shared/state/images/records';
import { requestDelete, retry } from '@pixdock/shared/state/images/transitions';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { changedRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { forgetBatch } from './forget-batch.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-forget-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => redis.connection.flushall());

/** A forgetting that takes longer never ends. */
const TOO_LONG_MS = 2000;

interface Meanwhile {
  before?: (id: string, batches: Batches) => Promise<unknown>;
  batch?: (id: string, batches: Batches) => Promise<unknown>;
  item?: (id: string, records: Records) => Promise<unknown>;
  /** Whether a first sweep is stopped halfway. */
  stopped?: boolean;
}

/** Forgets a batch of three whose retention has ended; `batch` and `item` run once after the first read of each. */
async function forgottenWhile({
  before = async () => {},
  batch = async () => {},
  item = async () => {},
  stopped = false,
}: Meanwhile) {
  const { connection, settings } = redis;
  const staging = await openStaging(dataDir);
  const batches = openBatches(openBatchStates(connection, settings.prefix), staging);
  const records = openRecords(connection, settings.prefix);
  const entry = testBatch();
  const arrival = await staging.batches.openArrival(entry.id);
  for (const row of [1, 2, 3]) await arrival.add(testItem(row));
  await arrival.commit(entry);
  await batches.create(entry, 1);
  const items = [0, 1, 2].map((place) => newItemRecord(entry, place, testItem(place + 1), 1));
  for (const record of items)
    await records.create(changedRecord(record, { status: 'failed', expiresAt: new Date(0).toISOString() }));
  const deps = {
    staging,
    batches: {
      ...batches,
      inRedis: readingOnce(
        (id) => batches.inRedis(id),
        (id) => batch(id, batches),
      ),
    },
    images: {
      ...openImages({ records, batches, staging }),
      inRedis: readingOnce(
        (id) => records.get(id),
        (id) => item(id, records),
      ),
    },
    log: createLog('test', { level: 'silent' }),
  };
  await before(entry.id, batches);
  if (stopped) await forgetBatch(deps, entry.id, AbortSignal.abort());
  await forgetBatch(deps, entry.id, AbortSignal.timeout(TOO_LONG_MS));
  const manifest = await staging.batches.open(entry.id, 0);
  const left = await records.getMany(items.map(({ id }) => id));
  return {
    state: await batches.inRedis(entry.id),
    manifest,
    left: left.filter((record): record is ImageRecord => record !== null),
    expired: await records.expired(Date.now(), 10),
  };
}

/** Reads, and runs `act` between the first read and its result. */
function readingOnce<T>(read: (id: string) => Promise<T>, act: (id: string) => Promise<unknown>) {
  let isFirst = true;
  return async (id: string): Promise<T> => {
    const found = await read(id);
    const acts = isFirst;
    isFirst = false;
    if (acts) await act(id);
    return found;
  };
}

it.each([false, true])(
  'forgets a batch whose retention has ended, with its items (stopped: %s)',
  async (stopped) => {
    const { state, manifest, left, expired } = await forgottenWhile({ stopped });
    expect({ state, manifest, left, expired }).toEqual({
      state: null,
      manifest: null,
      left: [],
      expired: [],
    });
  },
);

it.each([
  ['deletes', (id: string, batches: Batches) => batches.request(id, 'deleteRequestedAt')],
  ['retries', (id: string, batches: Batches) => batches.retry(id, null)],
])('keeps a batch when a request %s it meanwhile', async (_, batch) => {
  const { state, manifest, left } = await forgottenWhile({ batch });
  expect(state?.deleteRequestedAt !== null || state.retries.length > 0).toBe(true);
  expect(manifest).not.toBe(null);
  expect(left).toHaveLength(3);
});

it('keeps a batch whose deletion is pending', async () => {
  const { state, manifest, left } = await forgottenWhile({
    before: (id, batches) => batches.request(id, 'deleteRequestedAt'),
  });
  expect(state).toMatchObject({ deleteRequestedAt: expect.any(Number), forgottenAt: null });
  expect(manifest).not.toBe(null);
  expect(left).toHaveLength(3);
});

it('keeps an item as a single image when its deletion is requested meanwhile', async () => {
  const { state, left, expired } = await forgottenWhile({
    item: (id, records) => records.transition(id, requestDelete),
  });
  expect(state).toBe(null);
  expect(left).toMatchObject([{ status: 'failed', deleteRequestedAt: expect.any(String) }]);
  expect(expired).toEqual([left[0]?.id]);
});

it('keeps an item as a single image when its retry is requested meanwhile', async () => {
  const { state, left } = await forgottenWhile({ item: (id, records) => records.transition(id, retry) });
  expect(state).toBe(null);
  expect(left).toMatchObject([{ status: 'queued', run: 2 }]);
});

it('forgets a batch also when an item has no record any more', async () => {
  const { state, left } = await forgottenWhile({
    async batch(id, batches) {
      const [item = ''] = await batches.someItems(id, 0, 1);
      await redis.connection.del(recordKeys(redis.settings.prefix).record(item));
    },
  });
  expect({ state, left }).toEqual({ state: null, left: [] });
});
