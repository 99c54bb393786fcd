import { isRejected } from '@pixdock/contract/error-table';
import { isoTime } from '../../runtime/clock.js';
import type { Verdict } from '../reviews.js';
import { erasedRecord } from './erased-record.js';
import { type ImageRecord, isDeleted, isHeld, isOpen } from './image-record.js';
import { storedError } from './stored-error.js';
import { endNow, enter, forgetSource } from './transition-parts.js';

/**
 * The state machine of an image, without I/O. Each transition returns the new record, or null if it is refused. Those of
 * attempts are in attempt-transitions.ts, fetch-transitions.ts and end-transitions.ts; a test compares the table with all. Its
 * columns are the statuses, and its cells the next status; `-` refuses. The last column says whether the transition is also
 * allowed once a deletion is requested.
 *
 * | transition    | queued     | processing | published | failed  | canceled | deleted | deleting |
 * | ------------- | ---------- | ---------- | --------- | ------- | -------- | ------- | -------- |
 * | begin         | processing | processing | -         | -       | -        | -       | no       |
 * | advance       | -          | processing | -         | -       | -        | -       | no       |
 * | catchUpStages | -          | processing | -         | -       | -        | -       | no       |
 * | release       | -          | queued     | -         | -       | -        | -       | no       |
 * | retryLater    | -          | queued     | -         | -       | -        | -       | no       |
 * | delay         | -          | queued     | -         | -       | -        | -       | no       |
 * | noteLatePut   | queued     | processing | published | failed  | canceled | -       | yes      |
 * | review        | -          | processing | -         | -       | -        | -       | no       |
 * | decide        | -          | processing | -         | -       | -        | -       | no       |
 * | fetched       | -          | processing | -         | -       | -        | -       | no       |
 * | fetchLater    | -          | queued     | -         | -       | -        | -       | no       |
 * | refetch       | queued     | queued     | -         | -       | -        | -       | yes      |
 * | publish       | -          | published  | -         | -       | -        | -       | no       |
 * | reuse         | -          | published  | -         | -       | -        | -       | no       |
 * | fail          | -          | failed     | -         | -       | -        | -       | no       |
 * | noteKeys      | -          | -          | -         | failed  | -        | -       | yes      |
 * | cancel        | canceled   | canceled   | -         | -       | -        | -       | yes      |
 * | retry         | -          | -          | -         | queued  | -        | -       | no       |
 * | requestDelete | queued     | processing | published | failed  | canceled | -       | no       |
 * | keep          | queued     | processing | published | failed  | canceled | -       | no       |
 * | noteReplaced  | -          | -          | published | -       | -        | -       | yes      |
 * | markDeleted   | deleted    | deleted    | deleted   | deleted | deleted  | -       | only     |
 */

/** Cancels an image that is not final. Its attempt notices at the next step, and removes the objects that it wrote. */
export function cancel(record: ImageRecord, retentionMs: number): ImageRecord | null {
  if (!isOpen(record)) return null;
  return {
    ...record,
    ...endNow(record, retentionMs),
    status: 'canceled',
    error: storedError('canceled'),
    internal: { ...record.internal, attemptToken: null },
  };
}

/** Records a decision on a held image. The next attempt carries it out. */
export function decide(record: ImageRecord, verdict: Verdict): ImageRecord | null {
  return isHeld(record) ? { ...record, review: verdict } : null;
}

/** Begins the next run. A source that was fetched is fetched again: the host may have served a broken file. */
export function retry(record: ImageRecord): ImageRecord | null {
  if (record.status !== 'failed' || record.deleteRequestedAt !== null) return null;
  if (isRejected(record)) return null;
  const isFetched = record.source.kind === 'url' || record.batchId !== null;
  return {
    ...enter(isFetched ? forgetSource(record) : record, 'received'),
    status: 'queued',
    run: record.run + 1,
    finishedAt: null,
    expiresAt: null,
    error: null,
  };
}

/** Requests the deletion, which ends every attempt and is final. */
export function requestDelete(record: ImageRecord): ImageRecord | null {
  return record.deleteRequestedAt === null ? { ...record, deleteRequestedAt: isoTime() } : null;
}

/** Cancels the scheduled deletion of an image. */
export function keep(record: ImageRecord): ImageRecord | null {
  return record.deleteAt === null || record.deleteRequestedAt !== null ? null : { ...record, deleteAt: null };
}

/** Records that the deletion of the older images with the externalId of a published one was requested. */
export function noteReplaced(record: ImageRecord): ImageRecord | null {
  if (record.status !== 'published' || record.internal.replaces !== 'later') return null;
  return { ...record, internal: { ...record.internal, replaces: 'done' } };
}

/** Marks the image as deleted, once its objects are gone, and erases what it said about its source and its caller. */
export function markDeleted(record: ImageRecord, retentionMs: number): ImageRecord | null {
  const { deleteRequestedAt } = record;
  if (isDeleted(record) || deleteRequestedAt === null) return null;
  return erasedRecord(record, { ...endNow({ deleteAt: null }, retentionMs), deleteRequestedAt });
}
