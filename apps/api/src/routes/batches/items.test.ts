import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { openReadLimits } from '../../limits/read-limits.js';
import type { SharedCounts } from '../../limits/shared-counts.js';
import { openRoutes } from '../../testing/routes.js';
import { listItems } from './items.js';

const failed = (code: 'image_corrupt' | 'source_timeout') =>
  testRecord({ status: 'failed', error: storedError(code) });

/** A batch of four items: one deleted, one published out of order, one failed, one untouched. */
async function items(query: string) {
  const entry = testBatch({ total: 4 });
  const records = [
    testRecord({ status: 'deleted' }),
    testRecord({ status: 'published' }),
    failed('image_corrupt'),
    newItemRecord(entry, 3, testItem(4), 1),
  ];
  const app = openRoutes(entry.owner);
  const parts = stub<ApiDeps>({
    readLimits: openReadLimits(() => false, stub<SharedCounts>({})),
    images: { ofBatch: async (_state, _manifest, places) => places.flatMap((place) => records[place] ?? []) },
    batches: {
      inRedis: async () => newBatchState(entry, 1),
      places: async () => [0, 1, 2],
      window: () => ({ pending: async () => [] }),
    },
    staging: {
      batches: {
        tombstone: async () => null,
        open: async () => ({ entry, id: String, item: async (place: number) => testItem(place + 1) }),
      },
    },
  });
  listItems(app, parts);
  const response = await app.request(`/v1/batches/${entry.id}/items?${query}`);
  const { items: found, next } = (await response.json()) as { items: { status: string }[]; next?: string };
  return { statuses: found.map(({ status }) => status), next };
}

test('lists every item without a filter', async () => {
  expect((await items('')).statuses).toEqual(['deleted', 'published', 'failed', 'queued']);
});

test('lists only items with the status, whatever the index says', async () => {
  expect(await items('status=queued')).toEqual({ statuses: ['queued'], next: undefined });
  expect(await items('status=queued&limit=2')).toEqual({ statuses: [], next: '2' });
});

test('lists only items with the code', async () => {
  expect((await items('code=image_corrupt')).statuses).toEqual(['failed']);
  expect((await items('code=source_timeout')).statuses).toEqual([]);
});
