import type { QueuedRun } from '@pixdock/shared/queue/queue';
import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { retry } from '@pixdock/shared/state/images/transitions';
import { testBatch } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test, vi } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { noShares } from '../../limits/shares.js';
import { openWriteLimits } from '../../limits/write-limits.js';
import { openRoutes, silentLog } from '../../testing/routes.js';
import { retryImage } from './retry.js';

const LOST = new Error('Command timed out');

interface Retried {
  batchId?: string | null;
  isMoveLost?: boolean;
  forgottenAt?: number | null;
}

/** POST …/retry of a failed image, with parts whose Redis responds late. */
function post({ batchId = null, isMoveLost = false, forgottenAt = null }: Retried) {
  let record = testRecord({ status: 'failed', batchId });
  const entry = testBatch({ id: batchId ?? '' });
  const enqueued: string[] = [];
  let tries = 0;
  const enqueue = async (what: string) => {
    if (tries++ === 0 && !isMoveLost) throw LOST;
    enqueued.push(what);
  };
  const app = openRoutes(record.owner);
  const parts = stub<ApiDeps>({
    log: silentLog,
    stopping: new AbortController().signal,
    staging: { hasSource: async () => true },
    batches: { inRedis: async () => ({ ...newBatchState(entry, 1), forgottenAt }) },
    shares: noShares(),
    writeLimits: openWriteLimits(() => false),
    backlog: { expectRedis: async () => {}, sizeFor: async () => 0 },
    waits: {},
    queue: {
      enqueue: ({ id, run }: QueuedRun) => enqueue(`${id}-${run}`),
      expand: ({ id }) => enqueue(id),
    },
    images: {
      inRedis: async () => record,
      restoreLost: async () => record,
      async startNextRun(failed: ImageRecord) {
        record = retry(failed) ?? failed;
        if (isMoveLost) throw LOST;
        return { outcome: 'changed', record };
      },
    },
  });
  retryImage(app, parts);
  return {
    id: record.id,
    enqueued,
    response: app.request(`/v1/images/${record.id}/retry`, { method: 'POST' }),
  };
}

test.each([null, `bat_${'5f'.repeat(16)}`])(
  'enqueues the job later if Redis does not respond (batch %s)',
  async (batchId) => {
    const { id, enqueued, response } = post({ batchId });
    expect((await response).status).toBe(202);
    await vi.waitFor(() => expect(enqueued).toEqual([batchId ?? `${id}-2`]), 15_000);
  },
);

test('enqueues a separate job for an item whose batch is being forgotten', async () => {
  const { id, enqueued, response } = post({ batchId: `bat_${'5f'.repeat(16)}`, forgottenAt: 1 });
  expect((await response).status).toBe(202);
  await vi.waitFor(() => expect(enqueued).toEqual([`${id}-2`]), 15_000);
});

test('enqueues the job of a transition that Redis applied without responding', async () => {
  const { id, enqueued, response } = post({ isMoveLost: true });
  expect((await response).status).toBe(503);
  await vi.waitFor(() => expect(enqueued).toEqual([`${id}-2`]), 15_000);
});
