import { createHash } from 'node:crypto';
import { detailSchema } from '@pixdock/contract/messages/detail-schema';
import { deliverySchema, type WebhookEvent } from '@pixdock/contract/webhook';
import { z } from 'zod';
import type { ImageRecord } from '../images/image-record.js';
import { type StoredEvent, storedEventSchema } from './outbox-entry.js';

export const storedSchema = deliverySchema.extend({
  attempts: z.array(deliverySchema.shape.attempts.element.extend({ error: detailSchema.nullable() })),
  owner: z.string(),
  event: storedEventSchema,
  /** Attempts since the delivery was added or resent. */
  tries: z.int(),
});
export type Delivery = z.output<typeof storedSchema>;

export interface DeliveryFilter {
  status?: Delivery['status'] | undefined;
  endpointId?: string | undefined;
  /** Creation, in ms. */
  sinceMs?: number | undefined;
}

/** The id of an event for a target, the same for all attempts and after a restore. */
export function deliveryId(
  endpointId: string,
  { type, data }: StoredEvent,
  webhookUrl: string | null = null,
): string {
  const target = webhookUrl === null ? endpointId : `${endpointId} ${webhookUrl}`;
  const digest = createHash('sha256').update(`${type} ${data.id} ${data.version} ${target}`).digest('hex');
  return `msg_${digest.slice(0, 32)}`;
}

/**
 * The event as its receiver gets it.
 * @param image null for an event that is not about an image, or whose image is no longer known
 */
export function composeEvent({ data, ...event }: StoredEvent, image: ImageRecord | null): WebhookEvent {
  const { id, version, status, batchId, code } = data;
  const url = status === 'published' && image !== null ? image.url : null;
  return {
    ...event,
    data: { id, version, status, externalId: image?.externalId ?? null, batchId, url, code },
  };
}
