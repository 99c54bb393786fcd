import { FINAL_STATUSES } from '@pixdock/contract/image';
import { isoTime } from '../../runtime/clock.js';
import type { ImageRecord } from './image-record.js';
import { isSettled } from './view.js';

/**
 * A version above all that was told of something made at `createdAt`: its age, in sixteenths of a millisecond. Neither an
 * image nor a batch of them takes a step more often than that.
 */
export function restoredVersion(createdAt: string, now = Date.now()): number {
  return Math.max(1, (now - Date.parse(createdAt)) * 16);
}

/** The record of a staged image, or of an outcome, as it is put back after Redis lost it. */
export function restored(record: ImageRecord, now = Date.now()): ImageRecord {
  const version = Math.max(record.version + 1, restoredVersion(record.createdAt, now));
  const status = isSettled(record) || record.deleteRequestedAt !== null ? record.status : 'queued';
  return {
    ...record,
    status,
    version,
    updatedAt: isoTime(now),
    internal: { ...record.internal, holder: null, keysLost: record.internal.keysLost || !isFinal(record) },
  };
}

/**
 * What staging tells of an image, where that is newer than its record: Redis went back to an earlier state, by a backup,
 * a fail-over or a crash, and staging did not. A version only grows, so it tells which is newer; but for the end of a run
 * that somebody still had in hand when Redis was emptied, which only gets here once the record was put back.
 */
export function catchUp(record: ImageRecord, account: ImageRecord): ImageRecord | null {
  const isEnded = isFinal(account) && !isFinal(record) && account.run >= record.run;
  return account.version > record.version || isEnded ? restored(account) : null;
}

const isFinal = ({ status }: ImageRecord) => FINAL_STATUSES.includes(status);
