import { OpenAPIHono } from '@hono/zod-openapi';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Delivery } from '@pixdock/shared/state/webhooks/delivery';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import type { ApiEnv } from '../../http/env.js';
import { webhookDeliveries } from './deliveries.js';

const DELIVERY: Delivery = {
  id: `msg_${'5f'.repeat(16)}`,
  owner: 'acme',
  endpointId: 'whe_1',
  webhookUrl: null,
  event: {
    type: 'image.published',
    timestamp: '2026-01-05T08:00:00.000Z',
    data: { id: 'img_1', version: 1, status: 'published', batchId: null, urls: [], code: null },
  },
  status: 'pending',
  attempts: [],
  tries: 0,
  createdAt: '2026-01-05T08:00:00.000Z',
  nextAttemptAt: null,
};

test.each([
  ['en', 'The webhook URL leads to an IP address'],
  ['zh', 'webhook 地址是内网地址'],
])('lists why a delivery got no response, in the language %s', async (language, sentence) => {
  const error = detailOf('source-not-public', { hop: 'webhook' });
  const attempts = [{ at: '2026-01-05T08:00:00.000Z', status: null, error, latencyMs: 1 }];
  const app = new OpenAPIHono<ApiEnv>();
  webhookDeliveries(
    app,
    stub<ApiDeps>({
      deliveries: {
        list: async () => ({ items: [{ ...DELIVERY, attempts }], next: null }),
      },
      images: { inRedisMany: async () => [null] },
      batches: { inRedis: async () => null },
      readLimits: { scans: { acquire: async () => ({ [Symbol.dispose]() {} }) } },
    }),
  );
  const response = await app.request('/v1/webhooks/deliveries', { headers: { 'Accept-Language': language } });
  const { items } = (await response.json()) as { items: { attempts: { error: string }[] }[] };
  expect(items[0]?.attempts[0]?.error).toContain(sentence);
});
