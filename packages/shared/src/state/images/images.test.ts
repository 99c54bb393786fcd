import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { testBatch, testItem } from '../../testing/batch.js';
import { endRestore } from '../../testing/end-restore.js';
import { changedRecord, testRecord } from '../../testing/record.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { openTestStaging } from '../../testing/staging.js';
import { openBatchStates } from '../batches/batch-states.js';
import { openBatches } from '../batches/batches.js';
import { itemId } from '../batches/item-id.js';
import { newItemRecord } from '../batches/new-item-record.js';
import { openEpoch } from '../epoch.js';
import { isThere } from '../files/optional-file.js';
import { openImages } from './images.js';
import { openRecords } from './records.js';
import { markDeleted, requestDelete } from './transitions.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(() => redis.connection.flushall());
afterAll(() => redis.stop());

async function openParts() {
  const { connection, settings } = redis;
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-images-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const staging = await openTestStaging(dir);
  const epoch = openEpoch(connection, settings.prefix, staging);
  const records = openRecords(connection, settings.prefix, epoch);
  const batches = openBatches(openBatchStates(connection, settings.prefix, epoch), staging);
  return { staging, epoch, records, batches, images: openImages({ records, batches, staging }) };
}

const published = (record = testRecord()) =>
  changedRecord(record, { status: 'published', url: 'http://a/b', finishedAt: record.createdAt });

test('reads an image that Redis lost as a restore creates it, and creates nothing', async () => {
  const { staging, records, images } = await openParts();
  const record = published();
  await staging.writeOutcome(record);
  await images.get(record.id);
  await redis.connection.flushall();
  const read = await images.get(record.id);
  expect(read?.version).toBeGreaterThan(record.version);
  expect(await records.get(record.id)).toBe(null);
  expect(await images.restoreLost(record.id)).toEqual(read);
});

test('reads the latest state of an image that a failover set back, until it is restored', async () => {
  const { staging, epoch, records, images } = await openParts();
  const older = testRecord();
  await records.create(older);
  await staging.writeOutcome(changedRecord(published(older), { version: 4 }));
  expect(await images.get(older.id)).toMatchObject({ status: 'published', version: 5 });
  expect(await images.restoreLost(older.id)).toMatchObject({ status: 'published', version: 5 });
  await endRestore(epoch);
  expect(await images.get(older.id)).toMatchObject({ status: 'published', version: 5 });
});

test('shows a deletion that only staging has', async () => {
  const { staging, records, images } = await openParts();
  const record = published();
  await records.create(record);
  await staging.writeOutcome(record);
  await staging.requestDelete(record.id);
  expect((await images.get(record.id))?.deleteRequestedAt).not.toBe(null);
});

test('changes an image that Redis lost, without a restore', async () => {
  const { staging, images } = await openParts();
  const record = published();
  await staging.writeOutcome(record);
  const changed = await images.change(record.id, requestDelete);
  expect(changed).toMatchObject({ outcome: 'changed', record: { status: 'published' } });
  expect(await images.change(testRecord().id, requestDelete)).toEqual({ outcome: 'missing' });
});

test('reads no image between the two steps of its removal from a restored Redis', async () => {
  const { staging, epoch, records, images } = await openParts();
  const record = published();
  await records.create(record);
  await staging.writeOutcome(record);
  await endRestore(epoch);
  expect(await records.forget(record)).toBe(true);
  await images.get(record.id);
  expect(await records.get(record.id)).toBe(null);
  await staging.forget(record.id);
  expect(await images.get(record.id)).toBe(null);
});

test('reads the items of a lost batch, and restores the batch before a changed item', async () => {
  const { staging, records, batches, images } = await openParts();
  const entry = testBatch({ total: 2 });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const row of [1, 2]) await arrival.add(testItem(row));
  await arrival.commit(entry);
  const done = published(newItemRecord(entry, 0, testItem(1), 1));
  await staging.writeOutcome(done);

  const [state, manifest] = [await batches.get(entry.id), await staging.batches.open(entry.id)];
  if (state === null || manifest === null) throw new TypeError('no batch');
  const items = await images.ofBatch(state, manifest, [0, 1]);
  expect(items.map(({ status }) => status)).toEqual(['published', 'queued']);
  expect(items).toEqual([await images.get(manifest.id(0)), await images.get(manifest.id(1))]);
  expect([await batches.inRedis(entry.id), await records.get(done.id)]).toEqual([null, null]);

  await images.change(manifest.id(1), requestDelete);
  expect(await batches.inRedis(entry.id)).toMatchObject({ total: 2 });
  expect((await records.get(manifest.id(1)))?.deleteRequestedAt).not.toBe(null);
});

test('notes that an item which Redis lost may have objects, if an attempt made a folder for it', async () => {
  const { staging, images } = await openParts();
  const entry = testBatch({ total: 2 });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const row of [1, 2]) await arrival.add(testItem(row));
  await arrival.commit(entry);
  const [begun, untouched] = [itemId(entry, 0), itemId(entry, 1)];
  await mkdir(staging.layout.image(begun), { recursive: true });
  const mayHaveObjects = async (id: string) => {
    await images.change(id, requestDelete);
    return (await images.inRedis(id))?.internal.keysLost;
  };
  expect([await mayHaveObjects(begun), await mayHaveObjects(untouched)]).toEqual([true, false]);
});

test('looks for no entry of an item once everything is restored', async () => {
  const { staging, epoch, records, batches } = await openParts();
  const entry = testBatch({ total: 1 });
  const arrival = await staging.batches.openArrival(entry.id);
  await arrival.add(testItem(1));
  await arrival.commit(entry);
  await batches.create(entry, 1);
  await endRestore(epoch);
  const [state, manifest] = [await batches.get(entry.id), await staging.batches.open(entry.id)];
  if (state === null || manifest === null) throw new TypeError('no batch');
  const ownEntry = () => Promise.reject(new Error('reads the disk'));
  const images = openImages({ records, batches, staging: { ...staging, ownEntry } });
  expect(await images.ofBatch(state, manifest, [0])).toMatchObject([{ status: 'queued' }]);
  expect(await images.restoreLost(manifest.id(0))).toBe(null);
});

const failedItem = () => testRecord({ status: 'failed', batchId: `bat_${'5f'.repeat(16)}` });

test('starts the next run in staging first, so that a loss of Redis does not undo it', async () => {
  const { staging, records, images } = await openParts();
  const failed = failedItem();
  await records.create(failed);
  await staging.writeOutcome(failed);
  expect(await images.startNextRun(failed)).toMatchObject({ outcome: 'changed', record: { run: 2 } });
  expect((await staging.ownEntry(failed.id))?.record).toMatchObject({ status: 'queued', run: 2 });
  const again = (await records.get(failed.id)) ?? failed;
  expect(await images.startNextRun(again)).toMatchObject({ outcome: 'refused', record: { run: 2 } });
  expect((await staging.ownEntry(failed.id))?.record.run).toBe(2);
});

test('leaves no files of a next run that a deletion came before', async () => {
  const { staging, records, images } = await openParts();
  const failed = failedItem();
  await records.create(failed);
  await images.change(failed.id, requestDelete);
  const deleted = await images.change(failed.id, (record) => markDeleted(record, 1000));
  expect(await images.startNextRun(failed)).toEqual({ ...deleted, outcome: 'refused' });
  expect(await isThere(staging.layout.image(failed.id))).toBe(false);
});
