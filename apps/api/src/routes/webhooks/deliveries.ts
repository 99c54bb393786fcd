import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { DELIVERY_ID } from '@pixdock/contract/ids';
import { sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { DELIVERY_STATUSES, deliverySchema } from '@pixdock/contract/webhook';
import { decodeCursor } from '@pixdock/shared/state/lists/cursor';
import { composeEvent, type Delivery } from '@pixdock/shared/state/webhooks/delivery';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { invalid } from '../../http/invalid.js';
import { languageOf } from '../../http/language.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { idParam, pageQuery, wrongCursor } from '../parameters.js';
import { bodyRefusals, json, pageOf, refusals } from '../responses.js';
import { serve } from '../serve.js';

const PATH = '/v1/webhooks/deliveries';

const listedRoute = createRoute({
  method: 'get',
  path: PATH,
  operationId: 'listWebhookDeliveries',
  tags: ['Webhooks'],
  summary: 'List the deliveries of events, newest first',
  description: 'Delivered ones are listed for a day, all others for eight days.',
  security: needs('read'),
  request: {
    query: z.strictObject({
      status: z.enum(DELIVERY_STATUSES).optional(),
      endpointId: z.string().max(64).optional(),
      ...pageQuery,
    }),
  },
  responses: {
    ...refusals,
    200: pageOf('WebhookDeliveryList', deliverySchema),
  },
});

const resentRoute = createRoute({
  method: 'post',
  path: `${PATH}/{id}/resend`,
  operationId: 'resendWebhookDelivery',
  tags: ['Webhooks'],
  summary: 'Repeat a delivery, with ten attempts again',
  description: 'The earlier attempts stay in `attempts`, which lists the last 50.',
  security: needs('submit', 'read'),
  request: {
    params: idParam(DELIVERY_ID),
  },
  responses: {
    ...bodyRefusals,
    202: json('The delivery is sent at once, under the same `webhook-id`', deliverySchema),
  },
});

export function webhookDeliveries(
  app: OpenAPIHono<ApiEnv>,
  {
    endpoints,
    deliveries,
    images,
    batches,
    queue,
    readLimits,
  }: Parts<'endpoints' | 'deliveries' | 'images' | 'batches' | 'queue' | 'readLimits'>,
): void {
  async function viewAll(found: readonly Delivery[], language: Language) {
    const ids = found.map(({ event }) => event.data.id);
    const records = await images.inRedisMany(ids);
    const states = await Promise.all(ids.map((id) => batches.inRedis(id)));
    return found.map(({ owner: _owner, tries: _tries, ...rest }, i) => ({
      ...rest,
      event: composeEvent(rest.event, { image: records[i] ?? null, batch: states[i] ?? null }),
      attempts: rest.attempts.map(({ error, ...attempt }) => ({
        ...attempt,
        error: error === null ? null : sayDetail(language, error),
      })),
    }));
  }

  app.openapi(listedRoute, async (c) => {
    const { cursor = null, limit, status, endpointId } = c.req.valid('query');
    if (cursor !== null && decodeCursor(cursor) === null) throw wrongCursor();
    using _ = await readLimits.scans.acquire(c.get('owner'));
    const matches = (found: Delivery) =>
      (status === undefined || found.status === status) &&
      (endpointId === undefined || found.endpointId === endpointId);
    const page = await deliveries.list(c.get('owner'), { matches }, cursor, limit);
    setPrivateHeaders(c);
    const items = await viewAll(page.items, languageOf(c));
    return c.json(page.next === null ? { items } : { items, next: page.next }, 200);
  });

  serve(app, resentRoute, async (c) => {
    const owner = c.get('owner');
    const found = await deliveries.get(owner, c.req.param('id'));
    if (found === null) throw new PixdockError('not_found');
    const endpoint = await endpoints.find(owner, found.endpointId);
    if (endpoint === null) throw new PixdockError('not_found');
    if (endpoint.disabledAt !== null) throw invalid('endpoint-disabled');
    const restarted = await deliveries.restart(found);
    await queue.deliver(found.endpointId, owner);
    setPrivateHeaders(c);
    const [shown] = await viewAll([restarted], languageOf(c));
    return c.json(shown, 202);
  });
}
