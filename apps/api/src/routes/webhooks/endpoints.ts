import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { DELIVERY_ID } from '@pixdock/contract/ids';
import {
  createdEndpointSchema,
  ENDPOINT_ID,
  endpointRequestSchema,
  endpointSchema,
  MAX_WEBHOOK_ENDPOINTS,
  MAX_WEBHOOK_SECRETS,
  TEST_EVENT,
} from '@pixdock/contract/webhook';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { deliveryId } from '@pixdock/shared/state/webhooks/delivery';
import type { Endpoint } from '@pixdock/shared/state/webhooks/endpoint-files';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { invalid, parseFields } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { checkWebhookUrl } from '../../submit/webhook-target.js';
import { idParam, jsonBody } from '../parameters.js';
import { bodyRefusals, json, refusals } from '../responses.js';
import { serve } from '../serve.js';

const PATH = '/v1/webhooks/endpoints';
const tags = ['Webhooks'];
const params = idParam(ENDPOINT_ID);

const createdRoute = createRoute({
  method: 'post',
  path: PATH,
  operationId: 'createWebhookEndpoint',
  tags,
  summary: 'Get events at a URL',
  description: `Events are signed as in Standard Webhooks 1.0. An owner has at most ${MAX_WEBHOOK_ENDPOINTS} endpoints.`,
  security: needs('submit', 'read'),
  request: { body: jsonBody('WebhookEndpointRequest', endpointRequestSchema) },
  responses: {
    ...bodyRefusals,
    201: json('The endpoint; no other response contains its secret', createdEndpointSchema),
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
    200: json(
      'All endpoints of the owner',
      z.object({ items: z.array(endpointSchema) }).openapi('WebhookEndpointList'),
    ),
  },
});

const removedRoute = createRoute({
  method: 'delete',
  path: `${PATH}/{id}`,
  operationId: 'deleteWebhookEndpoint',
  tags,
  summary: 'Delete an endpoint',
  description: 'Its deliveries are removed, also pending ones.',
  security: needs('webhooks'),
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
  security: needs('webhooks'),
  request: { params },
  responses: {
    ...bodyRefusals,
    200: json('The endpoint with its new secret; no other response contains it', createdEndpointSchema),
  },
});

const testedRoute = createRoute({
  method: 'post',
  path: `${PATH}/{id}/test`,
  operationId: 'testWebhookEndpoint',
  tags,
  summary: `Send the event ${TEST_EVENT} to an endpoint`,
  security: needs('submit', 'read'),
  request: { params },
  responses: {
    ...bodyRefusals,
    202: json(
      'The event will be sent under this id, which is its `webhook-id`',
      z.object({ id: z.string().regex(DELIVERY_ID) }).openapi('WebhookTest'),
    ),
  },
});

export function webhookEndpoints(
  app: OpenAPIHono<ApiEnv>,
  {
    endpoints,
    deliveries,
    queue,
    writeLimits,
    config,
  }: Parts<'endpoints' | 'deliveries' | 'queue' | 'writeLimits' | 'config'>,
): void {
  serve(app, createdRoute, async (c) => {
    const wanted = parseFields(endpointRequestSchema, await readJson(c));
    checkWebhookUrl(wanted.url, config);
    using _ = await writeLimits.acquire(c.get('owner'));
    const created = await endpoints.create(c.get('owner'), wanted);
    if (created === null) throw invalid('too-many-endpoints', { max: MAX_WEBHOOK_ENDPOINTS });
    c.set('object', created.id);
    setPrivateHeaders(c);
    return c.json({ ...view(created), secret: created.secret }, 201);
  });

  serve(app, listedRoute, async (c) => {
    setPrivateHeaders(c);
    const [found, dropped] = [await endpoints.list(c.get('owner')), await deliveries.dropped(c.get('owner'))];
    return c.json({ items: found.map((endpoint) => view(endpoint, dropped)) });
  });

  serve(app, removedRoute, async (c) => {
    const [owner, endpointId] = [c.get('owner'), c.req.param('id')];
    if (!(await endpoints.remove(owner, endpointId))) throw new PixdockError('not_found');
    // The job of an endpoint that is gone removes its deliveries.
    await queue.deliver(endpointId, owner);
    return c.body(null, 204);
  });

  serve(app, rotatedRoute, async (c) => {
    using _ = await writeLimits.acquire(c.get('owner'));
    const rotated = await endpoints.rotate(c.get('owner'), c.req.param('id'));
    if (rotated === null) throw new PixdockError('not_found');
    if (rotated === 'too-many') throw invalid('too-many-secrets', { max: MAX_WEBHOOK_SECRETS });
    setPrivateHeaders(c);
    const dropped = await deliveries.dropped(c.get('owner'));
    return c.json({ ...view(rotated, dropped), secret: rotated.secret });
  });

  serve(app, testedRoute, async (c) => {
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

/**
 * An endpoint as its owner sees it, without its secrets.
 * @param dropped how many events were dropped, by endpoint
 */
const view = (
  { id, url, events, items, createdAt, disabledAt, previous }: Endpoint,
  dropped: Readonly<Record<string, number>> = {},
) => ({
  id,
  url,
  events,
  items,
  createdAt,
  disabledAt,
  dropped: dropped[id] ?? 0,
  previousSecretEndsAt: previous[0]?.endsAt ?? null,
});
