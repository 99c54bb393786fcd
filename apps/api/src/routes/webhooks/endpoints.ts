import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import {
  createdEndpointSchema,
  ENDPOINT_ID,
  endpointRequestSchema,
  endpointSchema,
  MAX_WEBHOOK_ENDPOINTS,
  MAX_WEBHOOK_SECRETS,
  TEST_EVENT,
  WEBHOOK_EVENTS,
} from '@pixdock/contract/webhook';
import { isoTime } from '@pixdock/shared/runtime/clock';
import type { Endpoint } from '@pixdock/shared/state/webhooks/endpoints';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { invalid, parseFields } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { bodyRefusals, refusals } from '../schemas.js';

const PATH = '/v1/webhooks/endpoints';
const tags = ['Webhooks'];
const string = { type: 'string' as const };

const params = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    pattern: ENDPOINT_ID.source,
    example: `whe_${'5f'.repeat(16)}`,
  }),
});

// Other modules load the contract before this extension of Zod, so its schemas have no `openapi`.
const endpoint = z.object(endpointSchema.shape).openapi('WebhookEndpoint');
const createdEndpoint = z.object(createdEndpointSchema.shape).openapi('CreatedWebhookEndpoint');

const createdRoute = createRoute({
  method: 'post',
  path: PATH,
  operationId: 'createWebhookEndpoint',
  tags,
  summary: 'Get events at a URL',
  description: `Events are signed as in Standard Webhooks 1.0. An owner has at most ${MAX_WEBHOOK_ENDPOINTS} endpoints.`,
  security: needs('submit'),
  request: {
    body: {
      content: {
        'application/json': {
          schema: {
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
      content: { 'application/json': { schema: createdEndpoint } },
    },
  },
});

const listedRoute = createRoute({
  method: 'get',
  path: PATH,
  operationId: 'listWebhookEndpoints',
  tags,
  summary: 'List the endpoints, oldest first',
  security: needs('read'),
  responses: {
    ...refusals,
    200: {
      description: 'All endpoints of the owner',
      content: {
        'application/json': { schema: z.object({ items: z.array(endpoint) }).openapi('WebhookEndpointList') },
      },
    },
  },
});

const removedRoute = createRoute({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteWebhookEndpoint',
  tags,
  summary: 'Delete an endpoint',
  description: 'Its pending deliveries are dropped.',
  security: needs('delete'),
  request: { params },
  responses: { ...bodyRefusals, 204: { description: 'The endpoint is deleted' } },
});

const rotatedRoute = createRoute({
  method: 'post',
  path: `${PATH}/{id}/rotate`,
  operationId: 'rotateWebhookSecret',
  tags,
  summary: 'Make a new secret for an endpoint',
  description: 'For 24 hours events have two signatures: one by the new secret and one by the secret before.',
  security: needs('submit'),
  request: { params },
  responses: {
    ...bodyRefusals,
    200: {
      description: 'The endpoint with its new secret; no other response contains it',
      content: { 'application/json': { schema: createdEndpoint } },
    },
  },
});

const testedRoute = createRoute({
  method: 'post',
  path: `${PATH}/{id}/test`,
  operationId: 'testWebhookEndpoint',
  tags,
  summary: `Send the event ${TEST_EVENT} to an endpoint`,
  security: needs('submit'),
  request: { params },
  responses: {
    ...bodyRefusals,
    202: {
      description: 'The event will be sent under this id, which is its `webhook-id`',
      content: {
        'application/json': { schema: z.object({ id: z.string() }).openapi('WebhookTest') },
      },
    },
  },
});

export function webhookEndpoints(
  app: OpenAPIHono<ApiEnv>,
  { endpoints, deliveries, queue, writeLimits }: Parts<'endpoints' | 'deliveries' | 'queue' | 'writeLimits'>,
): void {
  app.openAPIRegistry.registerPath(createdRoute);
  app.post(PATH, async (c) => {
    const asked = parseFields(endpointRequestSchema, await readJson(c));
    using _ = await writeLimits.acquire(c.get('owner'));
    const created = await endpoints.create(c.get('owner'), asked);
    if (created === null) throw invalid('too-many-endpoints', { max: MAX_WEBHOOK_ENDPOINTS });
    setPrivateHeaders(c);
    return c.json({ ...view(created), secret: created.secret }, 201);
  });

  app.openAPIRegistry.registerPath(listedRoute);
  app.get(PATH, async (c) => {
    setPrivateHeaders(c);
    return c.json({ items: (await endpoints.list(c.get('owner'))).map(view) });
  });

  app.openAPIRegistry.registerPath(removedRoute);
  app.delete(`${PATH}/:id`, async (c) => {
    if (!(await endpoints.remove(c.get('owner'), c.req.param('id')))) throw new PixdockError('not_found');
    return c.body(null, 204);
  });

  app.openAPIRegistry.registerPath(rotatedRoute);
  app.post(`${PATH}/:id/rotate`, async (c) => {
    using _ = await writeLimits.acquire(c.get('owner'));
    const rotated = await endpoints.rotate(c.get('owner'), c.req.param('id'));
    if (rotated === null) throw new PixdockError('not_found');
    if (rotated === 'too-many') throw invalid('too-many-secrets', { max: MAX_WEBHOOK_SECRETS });
    setPrivateHeaders(c);
    return c.json({ ...view(rotated), secret: rotated.secret });
  });

  app.openAPIRegistry.registerPath(testedRoute);
  app.post(`${PATH}/:id/test`, async (c) => {
    const [owner, endpointId] = [c.get('owner'), c.req.param('id')];
    const found = await endpoints.find(owner, endpointId);
    if (found === null) throw new PixdockError('not_found');
    const nothing = { externalId: null, batchId: null, url: null, code: null };
    const data = { id: endpointId, version: Date.now(), status: 'test', ...nothing };
    const id = await deliveries.add(owner, endpointId, { type: TEST_EVENT, timestamp: isoTime(), data });
    await queue.deliver(endpointId, owner);
    return c.json({ id }, 202);
  });
}

const view = ({ id, url, events, items, createdAt, disabledAt, previous }: Endpoint) => ({
  id,
  url,
  events,
  items,
  createdAt,
  disabledAt,
  previousSecretEndsAt: previous[0]?.endsAt ?? null,
});
