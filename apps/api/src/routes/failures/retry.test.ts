import type { FailureRetryRequest } from '@pixdock/contract/failure';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { noShares } from '../../limits/shares.js';
import { openRoutes } from '../../testing/routes.js';
import { retryFailures } from './retry.js';

const STATE = {
  status: 'running',
  createdAt: '2027-01-31T08:00:00.000Z',
  retried: 0,
  skipped: 0,
  position: null,
} as const;

function appOf(parts: ApiDeps) {
  const app = openRoutes();
  retryFailures(app, parts);
  return app;
}

/**
 * What a retry of all failures does, in order, and the status of the response. It counts the failures within the limit of an owner.
 * @param stored the filter of an earlier request with the same id
 */
async function retry(enqueue: () => Promise<void>, stored: FailureRetryRequest = {}) {
  const calls: string[] = [];
  const parts = stub<ApiDeps>({
    failures: { list: async () => ({ groups: [], next: null }) },
    readLimits: { scans: { acquire: async () => ({ [Symbol.dispose]: () => void calls.push('counted') }) } },
    shares: noShares(),
    failureRetries: {
      create: async ({ id, owner }) => ({ id, owner, ...STATE, ...stored }),
      keep: async () => void calls.push('keep'),
    },
    queue: {
      async retryFailures() {
        await enqueue();
        calls.push('enqueue');
      },
    },
  });
  const { status } = await appOf(parts).request('/v1/failures/retry', { method: 'POST' }, {});
  return { status, calls };
}

test('counts a retry for its owner until it ends only once it is queued', async () => {
  expect(await retry(async () => {})).toEqual({ status: 202, calls: ['counted', 'enqueue', 'keep'] });
  const away = () => Promise.reject(new Error('away'));
  expect(await retry(away)).toEqual({ status: 503, calls: ['counted'] });
});

test('refuses a repeat with another filter than that of the request that crashed, whose retry runs', async () => {
  const conflict = { status: 422, calls: ['counted', 'enqueue', 'keep'] };
  expect(await retry(async () => {}, { host: 'elsewhere.example' })).toMatchObject(conflict);
});

test("shows a retry to its owner, and hides another owner's", async () => {
  const id = `frt_${'5f'.repeat(16)}`;
  const read = async (owner: string) => {
    const app = appOf(stub<ApiDeps>({ failureRetries: { get: async () => ({ ...STATE, id, owner }) } }));
    return (await app.request(`/v1/failures/retry/${id}`, {}, {})).status;
  };
  expect([await read('acme'), await read('other')]).toEqual([200, 404]);
});
