import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { MAX_WEBHOOK_SECRETS } from '@pixdock/contract/webhook';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { invalid } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { bodyRefusals } from '../responses.js';
import {
  createdWebhookEndpoint,
  ENDPOINTS_PATH,
  endpointIdParam,
  endpointView,
  WEBHOOK_TAGS,
} from './endpoint-parts.js';

const route = createRoute({
  method: 'post',
  path: `${ENDPOINTS_PATH}/{id}/rotate`,
  operationId: 'rotateWebhookSecret',
  tags: WEBHOOK_TAGS,
  summary: 'Make a new secret for an endpoint',
  description: 'For 24 hours events have two signatures: one by the new secret and one by the secret before.',
  security: needs('webhooks'),
  request: { params: endpointIdParam },
  responses: {
    ...bodyRefusals,
    200: {
      description: 'The endpoint with its new secret; no other response contains it',
      content: { 'application/json': { schema: createdWebhookEndpoint } },
    },
  },
});

export function rotateSecret(
  app: OpenAPIHono<ApiEnv>,
  { endpoints, deliveries, writeLimits }: Parts<'endpoints' | 'deliveries' | 'writeLimits'>,
): void {
  app.openAPIRegistry.registerPath(route);
  app.post(`${ENDPOINTS_PATH}/:id/rotate`, async (c) => {
    using _ = await writeLimits.acquire(c.get('owner'));
    const rotated = await endpoints.rotate(c.get('owner'), c.req.param('id'));
    if (rotated === null) throw new PixdockError('not_found');
    if (rotated === 'too-many') throw invalid('too-many-secrets', { max: MAX_WEBHOOK_SECRETS });
    setPrivateHeaders(c);
    const dropped = await deliveries.dropped(c.get('owner'));
    return c.json({ ...endpointView(rotated, dropped), secret: rotated.secret });
  });
}
