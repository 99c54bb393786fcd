import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchEndOf } from '@pixdock/shared/state/batches/batch-event';
import type { ItemFilter } from '@pixdock/shared/state/batches/batch-items';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords } from '@pixdock/shared/state/images/records';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { stub } from '@pixdock/shared/testing/stub';
import { afterAll, expect, it } from 'vitest';
import type { ApiDeps } from './deps.js';
import { openReadLimits } from './limits/read-limits.js';
import type { SharedCounts } from './limits/shared-counts.js';
import { findPlaces, readBatch, readManifest } from './read-batch.js';
import { readImage } from './read-image.js';
import { reportRows } from './reports/rows.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-items-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});

const DAY_MS = 24 * 3600_000;
const FAULT = storedError('invalid_row');
const records = openRecords(connection, settings.prefix);
const staging = await openStaging(dataDir);
const batches = openBatches(openBatchStates(connection, settings.prefix), staging);
const images = openImages({ records, batches, staging });
const store = { head: async () => null };
const config = { store: { prefix: '', prefixes: [''] } };
const readLimits = openReadLimits(() => false, stub<SharedCounts>({}));
const deps = stub<ApiDeps>({ images, batches, staging, store, config, readLimits });

/** A batch of four rows without records; the second and the fourth row are invalid. */
async function batchOfFour() {
  const entry = testBatch({ total: 4, invalid: 2, retentionMs: DAY_MS });
  const arrival = await staging.batches.openArrival(entry.id);
  for (const row of [1, 2, 3, 4])
    await arrival.add(
      testItem(row, row % 2 === 0 ? { origin: null, fault: FAULT, externalId: `x${row}` } : {}),
    );
  await arrival.commit(entry);
  await batches.create(entry, 1);
  const manifest = await readManifest(deps, entry.id);
  return { entry, ids: [0, 1, 2, 3].map((place) => manifest.id(place)) };
}

/** Reads the items with every call, expects equal results, and returns them. */
async function readAll(batchId: string, ids: string[]): Promise<ImageRecord[]> {
  const state = await readBatch(deps, batchId, 'acme');
  const manifest = await readManifest(deps, batchId);
  const items = await images.ofBatch(state, manifest, [0, 1, 2, 3]);
  expect(await Promise.all(ids.map((id) => readImage(deps, id, 'acme')))).toEqual(items);
  const counts = Object.fromEntries(Object.keys(toBatch(state).counts).map((status) => [status, 0]));
  for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
  expect(toBatch(state).counts).toEqual(counts);
  for (const status of ['queued', 'failed', 'canceled', 'deleted'] as const)
    expect(await filtered(state, { status })).toEqual(items.filter((item) => item.status === status));
  for (const code of ['invalid_row', 'canceled', 'source_timeout'] as const)
    expect(await filtered(state, { code })).toEqual(items.filter(({ error }) => error?.code === code));
  const lines = [];
  for await (const some of reportRows(deps, state, manifest, { language: 'en' })) lines.push(...some);
  expect(lines.map(({ status, code }) => [status, code])).toEqual(
    items.map(({ status, error }) => [status, error?.code ?? null]),
  );
  return items;

  async function filtered(now: BatchState, filter: ItemFilter): Promise<ImageRecord[]> {
    const places = await findPlaces(deps, now, manifest, filter, 0, 10);
    const found = await images.ofBatch(now, manifest, places);
    const { status, code } = filter;
    return found.filter((item) => (code === undefined ? item.status === status : item.error?.code === code));
  }
}

const end = async (id: string, status: 'canceled' | 'deleted', counted: object, imageIds: string[]) => {
  const state = await readBatch(deps, id, 'acme');
  const expiresAt = Date.now() + DAY_MS;
  expect(await batches.endWithoutRecord(state, { status, to: 4, imageIds, counted, expiresAt })).toBe(true);
};

it('reports items without a record the same in all calls, with versions that only increase', async () => {
  const { entry, ids } = await batchOfFour();
  const statuses = (items: ImageRecord[]) => items.map(({ status }) => status);
  const made = await readAll(entry.id, ids);
  expect(statuses(made)).toEqual(['queued', 'failed', 'queued', 'failed']);
  expect(made[1]).toMatchObject({ error: FAULT, finishedAt: entry.createdAt, externalId: 'x2', version: 1 });

  await batches.request(entry.id, 'cancelRequestedAt');
  await end(entry.id, 'canceled', { queued: 2 }, ids);
  const canceled = await readAll(entry.id, ids);
  expect(statuses(canceled)).toEqual(['canceled', 'failed', 'canceled', 'failed']);
  expect(canceled[1]).toEqual(made[1]);

  await connection.flushall();
  const lost = await readAll(entry.id, ids);
  expect(statuses(lost)).toEqual(['queued', 'failed', 'queued', 'failed']);
  await batches.request(entry.id, 'cancelRequestedAt');
  await batches.request(entry.id, 'deleteRequestedAt');
  await end(entry.id, 'canceled', { queued: 2 }, ids);
  await end(entry.id, 'deleted', { canceled: 2, failed: 2 }, ids);
  const deleted = await readAll(entry.id, ids);
  expect(statuses(deleted)).toEqual(['deleted', 'deleted', 'deleted', 'deleted']);

  const ended = await readBatch(deps, entry.id, 'acme');
  expect(await batches.close(ended, Date.now() + DAY_MS, batchEndOf(ended, null))).toBe(true);
  const at = new Date().toISOString();
  const times = { cancelRequestedAt: null, deleteRequestedAt: at, finishedAt: at, expiresAt: at };
  await staging.batches.addTombstone(entry, times);
  await batches.restore(entry);
  await expect(readManifest(deps, entry.id)).rejects.toMatchObject({ code: 'not_found' });
  const buried = await Promise.all(ids.map((id) => readImage(deps, id, 'acme')));
  expect(statuses(buried)).toEqual(['deleted', 'deleted', 'deleted', 'deleted']);
  await staging.batches.dropRows(entry.id);
  expect(await Promise.all(ids.map((id) => readImage(deps, id, 'acme')))).toEqual(buried);
  await expect(readImage(deps, ids[0] ?? '', 'other')).rejects.toMatchObject({ code: 'not_found' });
  const { counts, status } = toBatch(await readBatch(deps, entry.id, 'acme'));
  expect([status, counts.deleted]).toEqual(['finished', 4]);

  await connection.flushall();
  const restored = await Promise.all(ids.map((id) => readImage(deps, id, 'acme')));
  expect(toBatch(await readBatch(deps, entry.id, 'acme')).counts.deleted).toBe(4);
  const versions = [made, canceled, lost, deleted, buried, restored].map((items) => items[0]?.version ?? 0);
  expect(versions).toEqual([...versions].toSorted((a, b) => a - b));
  expect(new Set(versions).size).toBe(versions.length);
});

it('does not report an item as queued that is deleted while its batch is read', async () => {
  const { entry, ids } = await batchOfFour();
  const before = await readBatch(deps, entry.id, 'acme');
  await batches.request(entry.id, 'deleteRequestedAt');
  await end(entry.id, 'deleted', { queued: 2, failed: 2 }, ids);
  const items = await images.ofBatch(before, await readManifest(deps, entry.id), [0, 1]);
  expect(items.map(({ status }) => status)).toEqual(['deleted', 'deleted']);
});
