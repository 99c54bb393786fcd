import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { endpointRequestSchema, MAX_WEBHOOK_ENDPOINTS, WEBHOOK_EVENTS } from '@pixdock/contract/webhook';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { invalid, parseFields } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { checkWebhookUrl } from '../../submit/webhook-target.js';
import { bodyRefusals } from '../responses.js';
import { createdWebhookEndpoint, ENDPOINTS_PATH, endpointView, WEBHOOK_TAGS } from './endpoint-parts.js';

const string = { type: 'string' as const };

const route = createRoute({
  method: 'post',
  path: ENDPOINTS_PATH,
  operationId: 'createWebhookEndpoint',
  tags: WEBHOOK_TAGS,
  summary: 'Get events at a URL',
  description: `Events are signed as in Standard Webhooks 1.0. An owner has at most ${MAX_WEBHOOK_ENDPOINTS} endpoints.`,
  security: needs('submit', 'read'),
  request: {
    body: {
      content: {
        'application/json': {
          schema: {
            title: 'WebhookEndpointRequest',
            type: 'object' as const,
            required: ['url', 'events'],
            properties: {
              url: {
                ...string,
                format: 'uri',
                description: 'The http or https URL to which events are posted',
              },
              events: {
                type: 'array' as const,
                maxItems: WEBHOOK_EVENTS.length,
                items: { ...string, enum: [...WEBHOOK_EVENTS] },
                description:
                  'None: the endpoint only permits the `webhookUrl` of submissions at its origin, and signs their events',
              },
              items: {
                type: 'boolean' as const,
                default: false,
                description: 'Whether the items of batches send events, too',
              },
            },
          },
        },
      },
    },
  },
  responses: {
    ...bodyRefusals,
    201: {
      description: 'The endpoint; no other response contains its secret',
      content: { 'application/json': { schema: createdWebhookEndpoint } },
    },
  },
});

export function createEndpoint(
  app: OpenAPIHono<ApiEnv>,
  { endpoints, writeLimits, config }: Parts<'endpoints' | 'writeLimits' | 'config'>,
): void {
  app.openAPIRegistry.registerPath(route);
  app.post(ENDPOINTS_PATH, async (c) => {
    const wanted = parseFields(endpointRequestSchema, await readJson(c));
    checkWebhookUrl(wanted.url, config);
    using _ = await writeLimits.acquire(c.get('owner'));
    const created = await endpoints.create(c.get('owner'), wanted);
    if (created === null) throw invalid('too-many-endpoints', { max: MAX_WEBHOOK_ENDPOINTS });
    c.set('object', created.id);
    setPrivateHeaders(c);
    return c.json({ ...endpointView(created), secret: created.secret }, 201);
  });
}
