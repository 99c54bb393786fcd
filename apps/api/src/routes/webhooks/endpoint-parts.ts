import { z } from '@hono/zod-openapi';
import { createdEndpointSchema, ENDPOINT_ID, endpointSchema } from '@pixdock/contract/webhook';
import type { Endpoint } from '@pixdock/shared/state/webhooks/endpoint-files';

export const ENDPOINTS_PATH = '/v1/webhooks/endpoints';
export const WEBHOOK_TAGS = ['Webhooks'];

export const endpointIdParam = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    pattern: ENDPOINT_ID.source,
    example: `whe_${'5f'.repeat(16)}`,
  }),
});

// Other modules load the contract before this extension of Zod, so its schemas have no `openapi`.
export const webhookEndpoint = z.object(endpointSchema.shape).openapi('WebhookEndpoint');
export const createdWebhookEndpoint = z.object(createdEndpointSchema.shape).openapi('CreatedWebhookEndpoint');

/**
 * An endpoint as its owner sees it, without its secrets.
 * @param dropped how many events were dropped, by endpoint
 */
export const endpointView = (
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
