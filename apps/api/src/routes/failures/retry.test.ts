import { OpenAPIHono } from '@hono/zod-openapi';
import type { FailureRetryRequest } from '@pixdock/contract/failure';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import type { ApiEvents } from '../../events.js';
import type { ApiEnv } from '../../http/env.js';
import { respondWithError } from '../../http/problem.js';
import { retryFailures } from './retry.js';

/**
 * The calls for a retry of all failures, in order, and the status of the response.
 * @param stored the filter of an earlier request with the same id
 */
async function retry(enqueue: () => Promise<void>, stored: FailureRetryRequest = {}) {
  const calls: string[] = [];
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(respondWithError);
  app.use(async (c, next) => {
    c.set('owner', 'acme');
    c.set('events', stub<ApiEvents>({ failed: () => {} }));
    await next();
  });
  const createdAt = '2027-01-31T08:00:00.000Z';
  const state = { status: 'running', createdAt, retried: 0, skipped: 0, position: null } as const;
  const parts = stub<ApiDeps>({
    failureRetries: {
      create: async (id, owner) => ({ id, owner, ...state, ...stored }),
      keep: async () => void calls.push('keep'),
    },
    queue: {
      async retryFailures() {
        await enqueue();
        calls.push('enqueue');
      },
    },
  });
  retryFailures(app, parts);
  const { status } = await app.request('/v1/failures/retry', { method: 'POST' }, {});
  return { status, calls };
}

test('counts a retry for its owner until it ends only once it is queued', async () => {
  expect(await retry(async () => {})).toEqual({ status: 202, calls: ['enqueue', 'keep'] });
  const away = () => Promise.reject(new Error('away'));
  expect(await retry(away)).toEqual({ status: 503, calls: [] });
});

test('refuses a repeat with another filter than that of the request that crashed, whose retry runs', async () => {
  const conflict = { status: 422, calls: ['enqueue', 'keep'] };
  expect(await retry(async () => {}, { host: 'elsewhere.example' })).toMatchObject(conflict);
});
