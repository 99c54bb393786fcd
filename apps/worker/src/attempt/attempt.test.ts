import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProfiles } from '@pixdock/contract/profile';
import { openStoreOnOss, sampleObject } from '@pixdock/object-store/testing/store-on-oss';
import { openQueue } from '@pixdock/shared/queue/queue';
import { objectKey } from '@pixdock/shared/state/object';
import { openBatches } from '@pixdock/shared/state/records/batches';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { newItemRecord } from '@pixdock/shared/state/records/new-record';
import { openRecords } from '@pixdock/shared/state/records/records';
import { catchUp, restoredVersion, restoreRecord } from '@pixdock/shared/state/records/restore-record';
import * as transitions from '@pixdock/shared/state/records/transitions';
import { openStaging, type Staging } from '@pixdock/shared/state/staging';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { LostImage } from '../publish/put.js';
import { takeInHand } from './attempt.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-attempt-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});

async function imageInHand(record = testRecord()) {
  const { store, fault } = await openStoreOnOss();
  const records = openRecords(redis.connection, redis.settings.prefix);
  const queue = openQueue(redis.connection, redis.settings.prefix, () => {});
  onTestFinished(() => queue.close());
  const staging = await openStaging(dataDir);
  const settings = { profiles: builtInProfiles(), store: { prefix: '' } };
  const config = { retentionMs: 1000, storageGiveUpMs: 1000, ...settings };
  const object = sampleObject();
  if (record.batchId === null)
    await staging.receiveAddress(record.id).commit({ record, origin: null, idempotency: null });
  await records.create(record);
  const begin = async (holder: string) => {
    const at = { run: 1, holder };
    const { outcome, ...moved } = await records.move(record.id, (current) =>
      transitions.begin(current, at, 'uploading'),
    );
    if (!('record' in moved)) throw new Error(outcome);
    return takeInHand({ records, store, queue, staging, config }, moved.record, at);
  };
  return { id: record.id, record, object, store, fault, records, staging, begin };
}

test('who fails too late, when another attempt has the image, leaves what that one has stored', async () => {
  const { object, store, begin } = await imageInHand();
  const first = await begin('first');
  await first.advance('uploading', [object.key]);
  const late = await begin('late');
  await begin('another');
  await store.put(object);
  await expect(late.fail('processing_crashed')).rejects.toThrow(LostImage);
  expect(await store.head(object.key)).toMatchObject({ etag: object.md5 });
});

test('keeps the keys of objects that could not be removed in the record of a failed image', async () => {
  const { id, object, store, fault, records, begin } = await imageInHand();
  const attempt = await begin('first');
  await attempt.advance('uploading', [object.key]);
  await store.put(object);
  const action = { type: 'error', status: 403, code: 'AccessDenied' };
  await fault({ operation: 'DeleteObject', action });
  await attempt.fail('processing_crashed');
  expect(await records.get(id)).toMatchObject({ status: 'failed', internal: { keys: [object.key] } });
});

test('who published what Redis then lost, and somebody has deleted since, takes it back', async () => {
  const { id, record, object, store, records, staging, begin } = await imageInHand();
  const attempt = await begin('first');
  await attempt.advance('uploading', [object.key]);
  await store.put(object);
  beforeFirstSettle(staging, async (published) => {
    await records.forget(published);
    const asked = transitions.requestDelete(restoreRecord(record));
    const deleted = asked === null ? null : transitions.markDeleted(asked, 1000);
    if (deleted !== null) await records.create(deleted);
  });
  await attempt.publish({ ...PUBLICATION, variants: {} });
  expect(await store.head(object.key)).toBe(null);
  expect((await staging.ownEntry(id))?.record.status).toBe('deleted');
});

test('what was stored while the image is being deleted goes, though the deletion may have been there before', async () => {
  const { id, object, store, records, begin } = await imageInHand();
  const attempt = await begin('first');
  await attempt.advance('uploading', [object.key]);
  await records.move(id, transitions.requestDelete);
  await store.put(object);
  await attempt.letGo();
  expect(await store.head(object.key)).toBe(null);
});

test('who published what Redis then lost puts it back as published', async () => {
  const { id, records, staging, begin } = await imageInHand();
  const attempt = await begin('first');
  beforeFirstSettle(staging, (published) => records.forget(published));
  await attempt.publish({ ...PUBLICATION, variants: {} });
  expect((await records.get(id))?.status).toBe('published');
});

test('a published item keeps its objects when nobody can put it back before its batch', async () => {
  const staging = await openStaging(dataDir);
  const entry = testBatch({ createdAt: new Date(Date.now() - 60_000).toISOString(), total: 1 });
  const arrival = await staging.batches.receive(entry.id);
  await arrival.add(testItem(1));
  await arrival.commit(entry);
  const {
    object,
    store,
    staging: own,
    id,
    begin,
  } = await imageInHand(newItemRecord(entry, 0, testItem(1), 1));
  const attempt = await begin('first');
  await attempt.advance('uploading', [object.key]);
  await store.put(object);
  // By a server whose clock is ahead.
  const version = restoredVersion(entry.createdAt, Date.now() + 300);
  beforeFirstSettle(own, async () => {
    await redis.connection.flushall();
    await openBatches(redis.connection, redis.settings.prefix).create(entry, version);
  });
  await attempt.publish({ ...PUBLICATION, variants: {} });
  expect((await own.ownEntry(id))?.record.status).toBe('published');
  expect(await store.head(object.key)).not.toBe(null);
});

test('an item that Redis lost with its batch is not put back alone: it would expire by itself', async () => {
  const item = testRecord({ batchId: testBatch().id });
  const { id, records, staging, begin } = await imageInHand(item);
  const attempt = await begin('first');
  beforeFirstSettle(staging, (published) => records.forget(published));
  await attempt.publish({ ...PUBLICATION, variants: {} });
  expect((await staging.ownEntry(id))?.record.status).toBe('published');
  expect(await records.get(id)).toBe(null);
});

test('a published image keeps its objects when Redis is emptied once more while it is put back', async () => {
  const { object, store, records, staging, begin } = await imageInHand();
  const attempt = await begin('first');
  await attempt.advance('uploading', [object.key]);
  await store.put(object);
  beforeFirstSettle(staging, async () => {
    await redis.connection.flushall();
    const create = records.create.bind(records);
    records.create = async (record) => {
      const isMade = await create(record);
      await redis.connection.flushall();
      return isMade;
    };
  });
  await attempt.publish({ ...PUBLICATION, variants: {} });
  expect(await store.head(object.key)).not.toBe(null);
});

test('what an attempt stored whose image has failed by an earlier one is known to a deletion', async () => {
  const { id, record, object, store, records, staging, begin } = await imageInHand();
  const first = await begin('first');
  const at = { run: 1, holder: 'first' };
  const error = { code: 'processing_timeout' as const, detail: { en: '', zh: '' } };
  const failed = transitions.fail(first.record, at, error, [], 1000) ?? record;
  await redis.connection.flushall();
  await records.create(restoreRecord(record));
  const second = await begin('second');
  await second.advance('uploading', [object.key]);
  await store.put(object);
  await staging.settle(failed);
  await records.move(id, (current) => catchUp(current, failed));
  await second.letGo();
  expect((await records.get(id))?.internal.keys).toEqual([object.key]);
});

test('who fails an image that an earlier attempt has published after all removes nothing of it', async () => {
  const { id, record, store, object, records, staging, begin } = await imageInHand();
  const main = { ...object, key: objectKey('', id, 'main', 'jpeg') };
  const first = await begin('first');
  await store.put(main);
  const published = transitions.publish(
    first.record,
    { run: 1, holder: 'first' },
    { ...PUBLICATION, variants: {} },
    1000,
  );
  await redis.connection.flushall();
  await records.create(restoreRecord(record));
  const second = await begin('second');
  await staging.settle(published ?? record);
  await expect(second.fail('source_not_found')).rejects.toThrow(LostImage);
  expect((await records.get(id))?.status).toBe('published');
  expect(await store.head(main.key)).not.toBe(null);
});

/** Between the end of a record and of what staging has of it. */
function beforeFirstSettle(staging: Staging, act: (record: ImageRecord) => Promise<unknown>): void {
  const settle = staging.settle.bind(staging);
  staging.settle = async (record) => {
    staging.settle = settle;
    await act(record);
    await settle(record);
  };
}

const PUBLICATION = {
  width: 1,
  height: 1,
  frames: 1,
  placeholder: { thumbhash: 'AA==', color: '#000000' },
  receipt: {
    declaredType: null,
    detectedType: 'image/jpeg',
    orientationApplied: 1,
    colorProfile: 'sRGB',
    removed: [],
    gpsRemoved: false,
    resized: false,
    encoder: 'jpeg',
    profileVersion: 'v1',
  },
};
