import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { refusals } from '../responses.js';
import { ENDPOINTS_PATH, endpointView, WEBHOOK_TAGS, webhookEndpoint } from './endpoint-parts.js';

const route = createRoute({
  method: 'get',
  path: ENDPOINTS_PATH,
  operationId: 'listWebhookEndpoints',
  tags: WEBHOOK_TAGS,
  summary: 'List the endpoints, oldest first',
  security: needs('read'),
  responses: {
    ...refusals,
    200: {
      description: 'All endpoints of the owner',
      content: {
        'application/json': {
          schema: z.object({ items: z.array(webhookEndpoint) }).openapi('WebhookEndpointList'),
        },
      },
    },
  },
});

export function listEndpoints(
  app: OpenAPIHono<ApiEnv>,
  { endpoints, deliveries }: Parts<'endpoints' | 'deliveries'>,
): void {
  app.openAPIRegistry.registerPath(route);
  app.get(ENDPOINTS_PATH, async (c) => {
    setPrivateHeaders(c);
    const [found, dropped] = [await endpoints.list(c.get('owner')), await deliveries.dropped(c.get('owner'))];
    return c.json({ items: found.map((endpoint) => endpointView(endpoint, dropped)) });
  });
}
