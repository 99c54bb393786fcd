import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { DELIVERY_ID } from '@pixdock/contract/ids';
import { TEST_EVENT } from '@pixdock/contract/webhook';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { deliveryId } from '@pixdock/shared/state/webhooks/delivery';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { bodyRefusals } from '../responses.js';
import { ENDPOINTS_PATH, endpointIdParam, WEBHOOK_TAGS } from './endpoint-parts.js';

const route = createRoute({
  method: 'post',
  path: `${ENDPOINTS_PATH}/{id}/test`,
  operationId: 'testWebhookEndpoint',
  tags: WEBHOOK_TAGS,
  summary: `Send the event ${TEST_EVENT} to an endpoint`,
  security: needs('submit', 'read'),
  request: { params: endpointIdParam },
  responses: {
    ...bodyRefusals,
    202: {
      description: 'The event will be sent under this id, which is its `webhook-id`',
      content: {
        'application/json': {
          schema: z.object({ id: z.string().regex(DELIVERY_ID) }).openapi('WebhookTest'),
        },
      },
    },
  },
});

export function sendTestEvent(
  app: OpenAPIHono<ApiEnv>,
  { endpoints, deliveries, queue }: Parts<'endpoints' | 'deliveries' | 'queue'>,
): void {
  app.openAPIRegistry.registerPath(route);
  app.post(`${ENDPOINTS_PATH}/:id/test`, async (c) => {
    const [owner, endpointId] = [c.get('owner'), c.req.param('id')];
    const found = await endpoints.find(owner, endpointId);
    if (found === null) throw new PixdockError('not_found');
    const target = { endpointId, url: null };
    const data = { id: endpointId, version: Date.now(), status: 'test', batchId: null, urls: [], code: null };
    const event = { type: TEST_EVENT, timestamp: isoTime(), data } as const;
    if ((await deliveries.add(owner, event, [target])) > 0)
      throw new PixdockError('rate_limited', undefined, { retryAfterSeconds: 60 });
    await queue.deliver(endpointId, owner);
    return c.json({ id: deliveryId(event, target) }, 202);
  });
}
