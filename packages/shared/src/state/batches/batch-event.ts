import { byStatus, FINAL_STATUSES } from '@pixdock/contract/status';
import { z } from 'zod';
import { isoTime, nowMs } from '../../runtime/clock.js';
import { isRepeated, type OutboxEntry } from '../webhooks/outbox-entry.js';
import { FIRST_VERSION } from './batch-fields.js';
import type { BatchState } from './batch-state.js';
import { endStatusOf } from './batch-view.js';

const count = z.int();

/** The content of an event about the end of a batch. */
export const announcementSchema = z.object({
  version: count,
  finishedAt: z.iso.datetime(),
  counts: z.object(byStatus(FINAL_STATUSES, () => count.default(0))),
});
export type Announcement = z.output<typeof announcementSchema>;

/** The end of a batch. */
export interface BatchEnd {
  announcement: Announcement;
  /** Null if it was sent before. */
  event: OutboxEntry | null;
}

/**
 * The end that `close` writes, for a batch without work left.
 * @param noted in staging: what the last event said. After a restore the event of the last hour is sent again as it was.
 */
export function batchEndOf(state: BatchState, noted: Announcement | null): BatchEnd {
  const { id, owner, announcedAt, minVersion, webhook } = state;
  const current = currentEnd(state);
  // The note counts only if Redis lost the batch. Otherwise it is of an earlier end, or its worker died before it closed this one.
  const isLost = minVersion > FIRST_VERSION && announcedAt === null;
  const isNoted = isLost && noted !== null && haveEqualCounts(noted, current);
  const announcement = isNoted ? noted : current;
  const { version, finishedAt: timestamp } = announcement;
  if (isNoted && !isRepeated(timestamp)) return { announcement, event: null };
  const data = { id, version, status: endStatusOf(state), batchId: null, urls: [], code: null };
  return {
    announcement,
    event: { owner, isItem: false, event: { type: 'batch.finished', timestamp, data }, webhook },
  };
}

function currentEnd(state: BatchState): Announcement {
  return {
    version: state.version + 1,
    finishedAt: isoTime(state.finishedAt ?? nowMs()),
    counts: byStatus(FINAL_STATUSES, (status) => state[status]),
  };
}

const haveEqualCounts = ({ counts: a }: Announcement, { counts: b }: Announcement) =>
  FINAL_STATUSES.every((status) => a[status] === b[status]);
