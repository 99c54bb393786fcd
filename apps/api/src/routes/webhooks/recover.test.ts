import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { openRoutes } from '../../testing/routes.js';
import { recoverWebhooks } from './recover.js';

/** The calls for a recovery, in order, and the status of the response. */
async function recover(enqueue: () => Promise<void>) {
  const calls: string[] = [];
  const app = openRoutes();
  const parts = stub<ApiDeps>({
    recoveries: {
      create: async (recovery) => ({ ...recovery, id: 'whr_1' }),
      keep: async ({ id }) => void calls.push(`keep ${id}`),
    },
    queue: {
      async recover({ id }) {
        await enqueue();
        calls.push(`enqueue ${id}`);
      },
    },
  });
  recoverWebhooks(app, parts);
  const headers = { 'Content-Type': 'application/json' };
  const body = '{"since":"2027-01-31T08:00:00Z"}';
  const { status } = await app.request('/v1/webhooks/recover', { method: 'POST', headers, body }, {});
  return { status, calls };
}

test('counts a recovery for its owner until it ends only once it is queued', async () => {
  expect(await recover(async () => {})).toEqual({ status: 202, calls: ['enqueue whr_1', 'keep whr_1'] });
  const away = () => Promise.reject(new Error('away'));
  expect(await recover(away)).toEqual({ status: 503, calls: [] });
});
