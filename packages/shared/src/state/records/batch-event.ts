import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { BatchState } from './batch-state.js';
import { toBatch } from './batch-view.js';
import { isRepeated, type OutboxEntry } from './outbox-entry.js';

const count = z.int();

/** The content of an event about the end of a batch. */
export const announcementSchema = z.object({
  version: count,
  finishedAt: z.iso.datetime(),
  counts: z.object({ published: count, failed: count, canceled: count, deleted: count }),
});
export type Announcement = z.output<typeof announcementSchema>;

/** The end of a settled batch. */
export function announcementOf(state: BatchState): Announcement {
  const { version, finishedAt, published, failed, canceled, deleted } = state;
  return {
    version,
    finishedAt: isoTime(finishedAt ?? Date.now()),
    counts: { published, failed, canceled, deleted },
  };
}

/**
 * The event of the end of a batch; null if it was sent before.
 * @param noted in staging: what the last event said. After a restore the event of the last hour is sent again as it was.
 */
export function batchEventOf(state: BatchState, noted: Announcement | null): OutboxEntry | null {
  const { id, owner, announcedAt, finishedAt, buriedAt, webhook } = state;
  const isSent = announcedAt !== null && (buriedAt !== null || announcedAt === finishedAt);
  if (isSent) return null;
  const current = announcementOf(state);
  const isNoted = announcedAt === null && noted !== null && haveEqualCounts(noted, current);
  if (isNoted && !isRepeated(noted.finishedAt)) return null;
  const { version, finishedAt: timestamp } = isNoted ? noted : current;
  const { status } = toBatch(state);
  const data = { id, version, status, externalId: null, batchId: null, url: null, code: null };
  return { owner, isItem: false, event: { type: 'batch.finished', timestamp, data }, webhook };
}

const haveEqualCounts = ({ counts: a }: Announcement, { counts: b }: Announcement) =>
  a.published === b.published &&
  a.failed === b.failed &&
  a.canceled === b.canceled &&
  a.deleted === b.deleted;
