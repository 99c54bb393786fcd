import { FINAL_STATUSES } from '@pixdock/contract/image';
import { isoTime } from '../../runtime/clock.js';
import type { ImageRecord } from './image-record.js';
import { isSettled } from './view.js';

/**
 * A version above every version that a response can have contained until `now`: the age in sixteenths of a millisecond.
 * Neither an image nor a batch changes more often than that.
 */
export function restoredVersion(createdAt: string, now = Date.now()): number {
  return Math.max(1, (now - Date.parse(createdAt)) * 16);
}

/**
 * How long after the put a worker may write the outcome to staging. Until then a restore makes the record of an image in
 * progress, whose version grows with the age; from then on every restore makes the same version.
 */
const OUTCOME_DELAY_MS = 30_000;

/**
 * The version that `main` carries to OSS: above every version that the image's record can have, also after restores. It
 * allows twice the time that the outcome may take.
 */
export function versionOfObject(
  { version, createdAt }: Pick<ImageRecord, 'version' | 'createdAt'>,
  now = Date.now(),
): number {
  return Math.max(version, restoredVersion(createdAt, now + 2 * OUTCOME_DELAY_MS));
}

/** The record of a staged image, or of an outcome, as a restore creates it after Redis lost it. */
export function restored(record: ImageRecord, now = Date.now()): ImageRecord {
  const version = Math.max(record.version + 1, restoredVersion(record.createdAt, lastChangeAt(record, now)));
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

/** A published image changes no more, except by a deletion. */
function lastChangeAt({ status, finishedAt, deleteRequestedAt }: ImageRecord, now: number): number {
  if (status !== 'published' || finishedAt === null || deleteRequestedAt !== null) return now;
  return Math.min(now, Date.parse(finishedAt) + OUTCOME_DELAY_MS);
}

const isFinal = ({ status }: ImageRecord) => FINAL_STATUSES.includes(status);
