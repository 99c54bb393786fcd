import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stage } from '@pixdock/contract/image';
import { builtInProfiles } from '@pixdock/contract/profile';
import { openStoreOnOss, sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import { openQueue } from '@pixdock/shared/queue/queue';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import { firstVersionIn } from '@pixdock/shared/state/epoch';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import * as attempts from '@pixdock/shared/state/images/attempt-transitions';
import * as endings from '@pixdock/shared/state/images/end-transitions';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords } from '@pixdock/shared/state/images/records';
import { restoreRecord } from '@pixdock/shared/state/images/restored-record';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import * as transitions from '@pixdock/shared/state/images/transitions';
import { objectKey } from '@pixdock/shared/state/object-key';
import type { Staging } from '@pixdock/shared/state/staging';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { testReceipt } from '@pixdock/shared/testing/receipt';
import { changedRecord, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { startTestAttempt } from '../testing/start-test-attempt.js';
import { openTestEvents } from '../testing/test-events.js';
import { abandon } from './abandon.js';
import { fail, finishPublished, finishReused } from './finish.js';
import { type Attempt, LostImage, startAttempt } from './start-attempt.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-attempt-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});

async function heldImage(record = testRecord()) {
  const { store, fault } = await openStoreOnOss();
  const records = openRecords(redis.connection, redis.settings.prefix);
  const staging = await openStaging(dataDir);
  const batches = openBatches(openBatchStates(redis.connection, redis.settings.prefix), staging);
  const images = openImages({ records, batches, staging });
  const queue = openQueue(redis.connection, redis.settings.prefix);
  onTestFinished(() => queue.close());
  const settings = { profiles: builtInProfiles(), store: { prefix: '', prefixes: [''] } };
  const config = { retentionMs: 1000, storageGiveUpMs: 1000, ...settings };
  const object = sampleObject();
  if (record.batchId === null)
    await staging.openUnfetchedArrival(record.id).commit({ record, origin: null, idempotency: null });
  await records.create(record);
  const deps = { records, images, batches, store, queue, staging, config, events: openTestEvents() };
  const start = () => startTestAttempt(deps, record.id, 'uploading');
  return { id: record.id, record, object, store, fault, records, images, batches, staging, deps, start };
}

/** Enters a stage, with the keys that the attempt is about to write. */
function advance(attempt: Attempt, stage: Stage, keys?: string[]): Promise<void> {
  return attempt.change((record, attemptId) => attempts.advance(record, attemptId, stage, keys));
}

it('does not start on a record that has changed since it was read', async () => {
  const { record, deps, records, start } = await heldImage();
  const read = (await records.get(record.id)) ?? record;
  const attempt = await start();
  expect(await startAttempt(deps, read, 'uploading')).toBe(null);
  expect(await attempt.isCurrent()).toBe(true);
});

it('leaves the objects of another attempt that is current when it fails too late', async () => {
  const { object, store, deps, start } = await heldImage();
  const first = await start();
  await advance(first, 'uploading', [object.key]);
  const late = await start();
  await start();
  await store.put(object);
  await expect(fail(deps, late, 'processing_crashed')).rejects.toThrow(LostImage);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
});

it('keeps the keys of objects that could not be removed in the record of a failed image', async () => {
  const { id, object, store, fault, records, deps, start } = await heldImage();
  const attempt = await start();
  await advance(attempt, 'uploading', [object.key]);
  await store.put(object);
  const action = { type: 'error', status: 403, code: 'AccessDenied' };
  await fault({ operation: 'DeleteObject', action });
  await fail(deps, attempt, 'processing_crashed');
  expect(await records.get(id)).toMatchObject({ status: 'failed', internal: { keys: [object.key] } });
});

it('removes the objects that it published when the image was lost from Redis and deleted since', async () => {
  const { id, record, object, store, records, staging, deps, start } = await heldImage();
  const attempt = await start();
  await advance(attempt, 'uploading', [object.key]);
  await store.put(object);
  beforeFirstOutcome(staging, async (published) => {
    await records.forget(published);
    const asked = transitions.requestDelete({ ...record, version: firstVersionIn(1) });
    const deleted = asked === null ? null : transitions.markDeleted(asked, 1000);
    if (deleted !== null) await records.create(deleted);
  });
  await finishPublished(deps, attempt, { ...PUBLICATION, variants: {} });
  expect(await store.head(object.key)).toBe(null);
  expect((await staging.ownEntry(id))?.record.status).toBe('deleted');
});

it('removes the objects that it stored while the image was being deleted', async () => {
  const { id, object, store, records, deps, start } = await heldImage();
  const attempt = await start();
  await advance(attempt, 'uploading', [object.key]);
  await records.transition(id, transitions.requestDelete);
  await store.put(object);
  await abandon(deps, attempt);
  expect(await store.head(object.key)).toBe(null);
});

it('removes the objects that it stored for an item that has become another image meanwhile', async () => {
  const { id, object, store, records, deps, start } = await heldImage();
  const late = await start();
  await advance(late, 'uploading', [object.key]);
  const image = changedRecord(testRecord(), { status: 'published', url: 'https://files.example/1.jpg' });
  await finishReused(deps, await start(), { image, filename: null, validator: null });
  await store.put(object);
  await abandon(deps, late);
  expect(await store.head(object.key)).toBe(null);
  expect(await records.get(id)).toMatchObject({ status: 'published', reusedId: image.id, url: image.url });
});

it('leaves the image published when Redis lost the record during the publication', async () => {
  const { id, images, records, staging, deps, start } = await heldImage();
  const attempt = await start();
  beforeFirstOutcome(staging, (published) => records.forget(published));
  await finishPublished(deps, attempt, { ...PUBLICATION, variants: {} });
  expect((await images.get(id))?.status).toBe('published');
});

it('keeps the objects of a published item whose record comes back only with its batch', async () => {
  const staging = await openStaging(dataDir);
  const entry = testBatch({ createdAt: new Date(Date.now() - 60_000).toISOString(), total: 1 });
  const arrival = await staging.batches.openArrival(entry.id);
  await arrival.add(testItem(1));
  await arrival.commit(entry);
  const {
    object,
    store,
    staging: own,
    id,
    deps,
    start,
  } = await heldImage(newItemRecord(entry, 0, testItem(1), 1));
  const attempt = await start();
  await advance(attempt, 'uploading', [object.key]);
  await store.put(object);
  beforeFirstOutcome(own, async () => {
    await redis.connection.flushall();
    await openBatchStates(redis.connection, redis.settings.prefix).create(entry, firstVersionIn(1));
  });
  await finishPublished(deps, attempt, { ...PUBLICATION, variants: {} });
  expect((await own.ownEntry(id))?.record.status).toBe('published');
  expect(await store.head(object.key)).not.toBe(null);
});

it.each(['canceled', 'deleted'] as const)(
  'removes the objects of an item without a record whose batch is being %s',
  async (change) => {
    const staging = await openStaging(dataDir);
    const entry = testBatch({ total: 1 });
    const arrival = await staging.batches.openArrival(entry.id);
    await arrival.add(testItem(1));
    await arrival.commit(entry);
    const { object, store, deps, start } = await heldImage(newItemRecord(entry, 0, testItem(1), 1));
    const attempt = await start();
    await advance(attempt, 'uploading', [object.key]);
    await store.put(object);
    await redis.connection.flushall();
    await staging.batches.noteChange(entry.id, change);
    await abandon(deps, attempt);
    expect(await store.head(object.key)).toBe(null);
  },
);

it('does not restore the record of an item before its batch, or the item would expire early', async () => {
  const item = testRecord({ batchId: testBatch().id });
  const { id, records, staging, deps, start } = await heldImage(item);
  const attempt = await start();
  beforeFirstOutcome(staging, (published) => records.forget(published));
  await finishPublished(deps, attempt, { ...PUBLICATION, variants: {} });
  expect((await staging.ownEntry(id))?.record.status).toBe('published');
  expect(await records.get(id)).toBe(null);
});

it('keeps the objects that another attempt adopts after Redis lost the image', async () => {
  const { id, object, store, records, deps, start } = await heldImage();
  const attempt = await start();
  await advance(attempt, 'uploading', [object.key]);
  await store.put(object);
  await redis.connection.flushall();
  await expect(advance(attempt, 'verifying')).rejects.toThrow(LostImage);
  await abandon(deps, attempt);
  expect(await store.head(object.key)).not.toBe(null);
  expect(await records.get(id)).toBe(null);
});

it('records the keys that it wrote in an image that an earlier attempt failed', async () => {
  const { id, record, object, store, images, records, staging, deps, start } = await heldImage();
  const first = await start();
  const error = storedError('processing_timeout');
  const failed = endings.fail(first.record, first.id, error, [], 1000) ?? record;
  await redis.connection.flushall();
  await records.create(restoreRecord(record, 1));
  const second = await start();
  await advance(second, 'uploading', [object.key]);
  await store.put(object);
  await staging.writeOutcome(failed);
  await images.restoreNewer((await records.get(id)) ?? failed);
  await abandon(deps, second);
  expect((await records.get(id))?.internal.keys).toEqual([object.key]);
});

it('removes no object of an image that an earlier attempt has published when it fails', async () => {
  const { id, record, store, object, records, staging, deps, start } = await heldImage();
  const main = { ...object, key: objectKey('', id, 'main', 'jpeg') };
  const first = await start();
  await store.put(main);
  const published = endings.publish(first.record, first.id, { ...PUBLICATION, variants: {} }, 1000);
  await redis.connection.flushall();
  await records.create(restoreRecord(record, 1));
  const second = await start();
  await staging.writeOutcome(published ?? record);
  await expect(fail(deps, second, 'source_not_found')).rejects.toThrow(LostImage);
  await abandon(deps, second);
  expect((await records.get(id))?.status).toBe('published');
  expect(await store.head(main.key)).not.toBe(null);
});

it('enters stages with the next change, at the times at which they were reached', async () => {
  const { id, records, start } = await heldImage();
  const attempt = await start();
  const { version } = attempt.record;
  attempt.enter('normalizing');
  const at = Date.now();
  await advance(attempt, 'uploading');
  const { timeline, stage, version: next } = attempt.record;
  expect([stage, next]).toEqual(['uploading', version + 1]);
  expect(timeline.slice(-2).map((entry) => entry.stage)).toEqual(['normalizing', 'uploading']);
  expect(Date.parse(timeline.at(-2)?.at ?? '')).toBeLessThanOrEqual(at);
  expect(await records.get(id)).toEqual(attempt.record);
});

it('enters a stage alone if no change follows', async () => {
  const { id, records, start } = await heldImage();
  const attempt = await start();
  attempt.enter('normalizing');
  await expect.poll(async () => (await records.get(id))?.stage, { timeout: 10_000 }).toBe('normalizing');
});

it('enters no stage of an image that another attempt has', async () => {
  const { id, records, start } = await heldImage();
  const lost = await start();
  const holder = await start();
  lost.enter('normalizing');
  await expect(advance(lost, 'verifying')).rejects.toThrow(LostImage);
  expect(await records.get(id)).toEqual(holder.record);
});

/** Acts once between the end of the record and its outcome in staging. */
function beforeFirstOutcome(staging: Staging, act: (record: ImageRecord) => Promise<unknown>): void {
  const writeOutcome = staging.writeOutcome.bind(staging);
  staging.writeOutcome = async (record) => {
    staging.writeOutcome = writeOutcome;
    await act(record);
    await writeOutcome(record);
  };
}

const PUBLICATION = {
  width: 1,
  height: 1,
  frames: 1,
  placeholder: { thumbhash: 'AA==', color: '#000000' },
  receipt: testReceipt(),
};
