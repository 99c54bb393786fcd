import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords, type Records } from '@pixdock/shared/state/images/records';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { stub } from '@pixdock/shared/testing/stub';
import { afterAll, expect, test } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { openWriteLimits } from '../../limits/write-limits.js';
import { openRoutes } from '../../testing/routes.js';
import { removeImage } from './remove.js';

const redis = await startTestRedis();
const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-remove-'));
afterAll(async () => {
  await redis.stop();
  await rm(dataDir, { recursive: true });
});

test('deletes an image whose record expires during the request', async () => {
  const staging = await openStaging(dataDir);
  const records = openRecords(redis.connection, redis.settings.prefix);
  const record = testRecord({ status: 'published', expiresAt: new Date(5).toISOString() });
  await records.create(record);
  let isForgotten = false;
  const transition: Records['transition'] = async (...args) => {
    if (!isForgotten) await records.forget(record);
    isForgotten = true;
    return records.transition(...args);
  };
  const asked: string[] = [];
  const app = openRoutes(record.owner);
  const changing = { ...records, transition };
  const batches = openBatches(openBatchStates(redis.connection, redis.settings.prefix), staging);
  const parts = stub<ApiDeps>({
    images: openImages({ records: changing, batches, staging }),
    staging,
    queue: { delete: async (id: string) => void asked.push(id) },
    writeLimits: openWriteLimits(() => false),
    backlog: { expectRedis: async () => {}, sizeFor: async () => 0 },
  });
  removeImage(app, parts);
  const response = await app.request(`/v1/images/${record.id}`, { method: 'DELETE' });
  expect([response.status, asked]).toEqual([202, [record.id]]);
  expect((await records.get(record.id))?.deleteRequestedAt).not.toBeFalsy();
});
