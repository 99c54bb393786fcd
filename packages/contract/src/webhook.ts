import { z } from 'zod';
import { EXAMPLE_HEX } from './ids.js';
import { reason } from './messages/reason.js';
import { sourceUrlSchema } from './source.js';
import type { FinalStatus } from './status.js';
import { pointInTime } from './time.js';

/** The events that an endpoint can subscribe to. */
export const WEBHOOK_EVENTS = [
  'image.published',
  'image.failed',
  'image.held',
  'image.deleted',
  'batch.finished',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** The event of an image that gets a final status; null: it has none. */
export const EVENT_OF_STATUS = {
  published: 'image.published',
  failed: 'image.failed',
  canceled: null,
  deleted: 'image.deleted',
} as const satisfies Record<FinalStatus, WebhookEventType | null>;

/** The event that only a request for a test sends. */
export const TEST_EVENT = 'endpoint.test';

/** Endpoints of one owner. */
export const MAX_WEBHOOK_ENDPOINTS = 10;

/** Secrets of one endpoint that are valid at a time. */
export const MAX_WEBHOOK_SECRETS = 5;

export const ENDPOINT_ID = /^whe_[0-9a-f]{32}$/;

/** The body of `POST /v1/webhooks/endpoints`. */
export const endpointRequestSchema = z.strictObject({
  url: sourceUrlSchema.meta({
    format: 'uri',
    description: 'The http or https URL to which events are posted',
  }),
  events: z
    .array(z.enum(WEBHOOK_EVENTS), reason('not-event-types'))
    .max(WEBHOOK_EVENTS.length, reason('not-event-types'))
    .meta({
      description:
        'None: the endpoint only permits the `webhookUrl` of submissions at its origin, and signs their events',
    }),
  items: z
    .boolean(reason('not-a-boolean'))
    .default(false)
    .meta({ description: 'Whether the items of batches send events, too' }),
});

const text = z.string();
const maybeText = text.nullable();

/** An endpoint as its owner sees it. */
export const endpointSchema = z
  .object({
    id: text.regex(ENDPOINT_ID),
    url: text.meta({ examples: ['https://shop.example.com/hook'] }),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    items: z.boolean(),
    createdAt: z.iso.datetime(),
    /** When the endpoint responded 410: from then on it gets no events. */
    disabledAt: z.iso.datetime().nullable(),
    /** Events that were dropped, because those that its owner has pending use all their space in Redis. */
    dropped: z.int().meta({ examples: [0] }),
    /** Until then events are signed with the secret before the last rotation, too. */
    previousSecretEndsAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.output<typeof endpointSchema>;

/** An endpoint with a new secret. Only this response contains the secret. */
export const createdEndpointSchema = endpointSchema
  .extend({
    secret: text.meta({ examples: [`whsec_${'A'.repeat(43)}=`] }),
  })
  .meta({ id: 'CreatedWebhookEndpoint' });
export type CreatedWebhookEndpoint = z.output<typeof createdEndpointSchema>;

/** The body of a webhook. Everything else about the image or the batch is read by GET. */
export const webhookEventSchema = z.object({
  type: z.enum([...WEBHOOK_EVENTS, TEST_EVENT]),
  /** When it happened. */
  timestamp: z.iso.datetime(),
  data: z.object({
    /** The image, the batch, or in a test the endpoint. */
    id: text.meta({ examples: [`img_${EXAMPLE_HEX}`] }),
    version: z.int().meta({ examples: [7] }),
    status: text.meta({ examples: ['published'] }),
    externalId: maybeText.meta({ examples: ['sku-1'] }),
    batchId: maybeText,
    /** That of a batch. */
    name: maybeText,
    /** The URL of a published image. */
    url: maybeText.meta({ examples: [`https://img.example.com/5f/${EXAMPLE_HEX}/main.jpg`] }),
    /** The URLs of all variants of a deleted image, which caches may still have; empty in other events. */
    urls: z.array(text).meta({ examples: [[]] }),
    /** The error code of a failed image. */
    code: maybeText,
  }),
});
export type WebhookEvent = z.output<typeof webhookEventSchema>;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;

/** One event for one endpoint. */
export const deliverySchema = z
  .object({
    /** The `webhook-id` of all its attempts. */
    id: text.meta({ examples: [`msg_${EXAMPLE_HEX}`] }),
    endpointId: text.meta({ examples: [`whe_${EXAMPLE_HEX}`] }),
    /** The `webhookUrl` of a submission; null: the event goes to the URL of the endpoint. */
    webhookUrl: maybeText,
    event: webhookEventSchema,
    status: z.enum(DELIVERY_STATUSES).meta({ examples: ['delivered', 'pending'] }),
    attempts: z.array(
      z.object({
        at: z.iso.datetime(),
        /** Null if no response arrived. */
        status: z
          .int()
          .nullable()
          .meta({ examples: [204] }),
        /** Why no response arrived. */
        error: maybeText,
        latencyMs: z.int().meta({ examples: [42] }),
      }),
    ),
    createdAt: z.iso.datetime(),
    nextAttemptAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.output<typeof deliverySchema>;

/** The body of `POST /v1/webhooks/recover`. */
export const recoverRequestSchema = z.strictObject({
  since: pointInTime.meta({ description: 'Only deliveries of events since this time' }),
});

export const RECOVERY_ID = /^whr_[0-9a-f]{32}$/;

/** The job that sends failed deliveries again. */
export const recoverySchema = z
  .object({
    id: text.regex(RECOVERY_ID),
    status: z.enum(['running', 'finished']),
    since: z.iso.datetime(),
    /** Deliveries that are sent again so far. */
    resent: z.int().meta({ examples: [12] }),
  })
  .meta({ id: 'WebhookRecovery' });
export type WebhookRecovery = z.output<typeof recoverySchema>;
