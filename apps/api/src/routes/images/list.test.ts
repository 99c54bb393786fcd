import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test, vi } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { openReadLimits } from '../../limits/read-limits.js';
import type { SharedCounts } from '../../limits/shared-counts.js';
import { openRoutes } from '../../testing/routes.js';
import { listAllImages } from './list.js';

const BATCH = testBatch({ total: 1, owner: 'acme', createdAt: '2027-01-31T08:00:00.000Z' });

/** The items of a page, and how often the records were read for it. */
async function list(query: string) {
  const read = vi.fn(async () => ({ items: [testRecord()], next: null }));
  const ofBatch = vi.fn(async () => [testRecord({ createdAt: BATCH.createdAt, batchId: BATCH.id })]);
  const app = openRoutes();
  const manifest = { entry: BATCH, id: String, item: async () => testItem(1) };
  const parts = stub<ApiDeps>({
    config: { metadataIndex: ['color'] },
    readLimits: openReadLimits(() => false, stub<SharedCounts>({})),
    images: { list: read, ofBatch },
    batches: { inRedis: async () => newBatchState(BATCH, 1), window: () => ({ pending: async () => [] }) },
    staging: { batches: { tombstone: async () => null, open: async () => manifest } },
  });
  listAllImages(app, parts);
  const response = await app.request(`/v1/images?${query}`);
  const { items, next } = (await response.json()) as { items: object[]; next?: string };
  return { items: items.length, next, reads: read.mock.calls.length + ofBatch.mock.calls.length };
}

test.each([
  'code=image_corrupt&status=published',
  'code=image_corrupt&status=queued',
  'code=image_corrupt&status=canceled',
  'code=canceled&status=failed',
  'since=2027-01-31T08:00:00Z&until=2027-01-31T08:00:00Z',
  `batchId=${BATCH.id}&code=image_corrupt&status=published`,
  `batchId=${BATCH.id}&since=2027-01-31T08:00:00.001Z`,
  `batchId=${BATCH.id}&until=2027-01-31T08:00:00Z`,
])('lists nothing, and reads nothing, for %s', async (query) => {
  expect(await list(query)).toEqual({ items: 0, next: undefined, reads: 0 });
});

test.each([
  '',
  'code=image_corrupt',
  'code=image_corrupt&status=failed',
  'code=image_corrupt&status=deleted',
  'code=canceled&status=canceled',
  'until=2027-01-31T08:00:00Z',
  'since=2027-01-31T08:00:00Z&until=2027-01-31T08:00:00.001Z',
  `batchId=${BATCH.id}&since=2027-01-31T08:00:00Z&until=2027-01-31T08:00:00.001Z`,
])('reads images for "%s"', async (query) => {
  expect(await list(query)).toEqual({ items: 1, next: undefined, reads: 1 });
});

test('filters by a key of METADATA_INDEX', async () => {
  expect(await list('metadata.color=red')).toEqual({ items: 1, next: undefined, reads: 1 });
});
