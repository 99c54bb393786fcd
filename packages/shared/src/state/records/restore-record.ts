import { isoTime } from '../../runtime/clock.js';
import { type ImageRecord, isOpen } from './image-record.js';

/**
 * A version above every version that a response can have contained until `now`: the age in sixteenths of a millisecond.
 * Images and batches change less often.
 */
export function restoredVersion(createdAt: string, now = Date.now()): number {
  return Math.max(1, (now - Date.parse(createdAt)) * 16);
}

/**
 * How long after the put a worker may write the outcome to staging. Until then a restore creates the record of an image in
 * progress, whose version grows with the age; later restores all create the same version.
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

/** The record that a restore creates from an entry in staging. */
export function restoreRecord(record: ImageRecord, now = Date.now()): ImageRecord {
  const version = Math.max(record.version + 1, restoredVersion(record.createdAt, lastChangeAt(record, now)));
  const keysLost = record.internal.keysLost || isOpen(record);
  const internal = { ...record.internal, holder: null, keysLost };
  const restored = { ...record, version, updatedAt: isoTime(now), internal };
  return isOpen(restored) && restored.deleteRequestedAt === null
    ? { ...restored, status: 'queued' }
    : restored;
}

/**
 * The restored record of an image whose staged record is newer, because Redis went back to an earlier state (a backup, a
 * failover, a crash); null if the record is newer. The higher version is newer. The exception is a run that ended after Redis
 * was emptied and the record was restored: its staged record is final, with a lower version.
 */
export function catchUp(record: ImageRecord, staged: ImageRecord): ImageRecord | null {
  const isEnded = !isOpen(staged) && isOpen(record) && staged.run >= record.run;
  return staged.version > record.version || isEnded ? restoreRecord(staged) : null;
}

/** Only a deletion changes a published image. */
function lastChangeAt({ status, finishedAt, deleteRequestedAt }: ImageRecord, now: number): number {
  if (status !== 'published' || deleteRequestedAt !== null) return now;
  return Math.min(now, Date.parse(finishedAt) + OUTCOME_DELAY_MS);
}
