import { EVENT_OF_STATUS, webhookEventSchema } from '@pixdock/contract/webhook';
import { z } from 'zod';
import { nowMs } from '../../runtime/clock.js';
import { type ImageRecord, isHeld, isOpen } from '../images/image-record.js';
import { webhookTargetSchema } from './webhook-target.js';

/** An event as Redis stores it: without what a deletion of its image or batch would have to find and erase. */
export const storedEventSchema = webhookEventSchema.extend({
  data: webhookEventSchema.shape.data
    .omit({ externalId: true, name: true, url: true })
    .extend({ urls: webhookEventSchema.shape.data.shape.urls.default([]) }),
});
export type StoredEvent = z.output<typeof storedEventSchema>;

/** An event in the outbox: it becomes a delivery for each endpoint of the owner that wants it. */
export const outboxEntrySchema = z.object({
  owner: z.string(),
  isItem: z.boolean(),
  event: storedEventSchema,
  /** Of the `webhookUrl` of the submission. */
  webhook: webhookTargetSchema.nullable(),
});
export type OutboxEntry = z.output<typeof outboxEntrySchema>;

/** A restore sends the events again that are younger. */
const REPEATED_MS = 3600_000;

/** Whether a restore sends an event of this time again. */
export const isRepeated = (time: string | number, now = nowMs()) =>
  new Date(time).getTime() > now - REPEATED_MS;

/** The event of a change that makes an image final, or that holds it for a person; null for other changes. */
export function eventOf(before: ImageRecord | null, after: ImageRecord): OutboxEntry | null {
  if (isHeld(after)) return heldEvent(before, after);
  if (isOpen(after) || before?.status === after.status) return null;
  const type = EVENT_OF_STATUS[after.status];
  if (type === null) return null;
  // The record is new: it is restored, or it belongs to an item that failed at once.
  if (before === null && !isRepeated(after.finishedAt)) return null;
  const { id, owner, status, batchId, error, finishedAt, version, internal } = after;
  const data: StoredEvent['data'] = {
    id,
    version: internal.finalVersion ?? version,
    status,
    batchId,
    urls: internal.urls,
    code: status === 'failed' ? error.code : null,
  };
  return {
    owner,
    isItem: batchId !== null,
    event: { type, timestamp: finishedAt, data },
    // A deletion erases it.
    webhook: internal.webhook ?? before?.internal.webhook ?? null,
  };
}

/** Null if the event was sent, or is older than those that a restore sends again. */
function heldEvent(before: ImageRecord | null, after: ImageRecord): OutboxEntry | null {
  const { id, owner, status, batchId, version, review, internal } = after;
  const heldAt = review?.heldAt ?? after.updatedAt;
  if (before?.review?.heldAt === heldAt || !isRepeated(heldAt)) return null;
  return {
    owner,
    isItem: batchId !== null,
    event: {
      type: 'image.held',
      timestamp: heldAt,
      data: { id, version, status, batchId, urls: [], code: null },
    },
    webhook: internal.webhook,
  };
}
