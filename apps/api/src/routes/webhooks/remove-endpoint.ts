import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { bodyRefusals } from '../responses.js';
import { ENDPOINTS_PATH, endpointIdParam, WEBHOOK_TAGS } from './endpoint-parts.js';

const route = createRoute({
  method: 'delete',
  path: `${ENDPOINTS_PATH}/{id}`,
  operationId: 'deleteWebhookEndpoint',
  tags: WEBHOOK_TAGS,
  summary: 'Delete an endpoint',
  description: 'Its deliveries are removed, also pending ones.',
  security: needs('webhooks'),
  request: { params: endpointIdParam },
  responses: { ...bodyRefusals, 204: { description: 'The endpoint is deleted' } },
});

export function removeEndpoint(
  app: OpenAPIHono<ApiEnv>,
  { endpoints, queue }: Parts<'endpoints' | 'queue'>,
): void {
  app.openAPIRegistry.registerPath(route);
  app.delete(`${ENDPOINTS_PATH}/:id`, async (c) => {
    const [owner, endpointId] = [c.get('owner'), c.req.param('id')];
    if (!(await endpoints.remove(owner, endpointId))) throw new PixdockError('not_found');
    // The job of an endpoint that is gone removes its deliveries.
    await queue.deliver(endpointId, owner);
    return c.body(null, 204);
  });
}
