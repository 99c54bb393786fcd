import { createHash } from 'node:crypto';
import { detailSchema } from '@pixdock/contract/messages/detail-schema';
import { deliverySchema, type WebhookEvent } from '@pixdock/contract/webhook';
import { z } from 'zod';
import type { BatchState } from '../batches/batch-state.js';
import type { ImageRecord } from '../images/image-record.js';
import { type StoredEvent, storedEventSchema } from './outbox-entry.js';
import type { WebhookTarget } from './webhook-target.js';

export const storedSchema = deliverySchema.extend({
  attempts: z.array(deliverySchema.shape.attempts.element.extend({ error: detailSchema.nullable() })),
  owner: z.string(),
  event: storedEventSchema,
  /** Attempts since the delivery was added or resent. */
  tries: z.int(),
});
export type Delivery = z.output<typeof storedSchema>;

/**
 * The id of an event for a target, the same for all attempts and after a restore. Its digits say where Redis has the delivery:
 * 12 are for the subject, 12 for the event, 8 for the target.
 */
export function deliveryId({ type, data }: StoredEvent, { endpointId, url }: WebhookTarget): string {
  const event = digits(`${type} ${data.id} ${data.version}`, 12);
  const target = digits(url === null ? endpointId : `${endpointId} ${url}`, 8);
  return `msg_${subjectOf(data.id)}${event}${target}`;
}

/** The digits of the image, batch or endpoint that an event is about. */
export const subjectOf = (subjectId: string) => digits(subjectId, 12);

/** Where Redis has a delivery: in the hash of its subject, beside its event. */
export function placeOf(id: string) {
  const all = id.slice('msg_'.length);
  return { subject: all.slice(0, 12), eventField: all.slice(12, 24), field: all.slice(12) };
}

function digits(text: string, count: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, count);
}

/** What an event is about; null for the other kind, and if it is no longer known. */
interface Subject {
  image: ImageRecord | null;
  batch: Pick<BatchState, 'name'> | null;
}

/** The event as its receiver gets it. */
export function composeEvent({ data, ...event }: StoredEvent, { image, batch }: Subject): WebhookEvent {
  const { id, version, status, batchId, urls, code } = data;
  const url = status === 'published' && image !== null ? image.url : null;
  return {
    ...event,
    data: {
      id,
      version,
      status,
      externalId: image?.externalId ?? null,
      batchId,
      name: batch?.name ?? null,
      url,
      urls,
      code,
    },
  };
}
