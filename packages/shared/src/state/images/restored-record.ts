import { firstVersionIn } from '../epoch.js';
import { type ImageRecord, isOpen } from '../images/image-record.js';

/** The record that a restore creates from an entry in staging. Its version is above all that a response has contained. */
export function restoreRecord(record: ImageRecord, epoch: number): ImageRecord {
  const version = Math.max(record.version, firstVersionIn(epoch));
  const keysLost = record.internal.keysLost || isOpen(record);
  const internal = { ...record.internal, attemptToken: null, keysLost };
  const restored = { ...record, version, internal };
  return isOpen(restored) && restored.deleteRequestedAt === null
    ? { ...restored, status: 'queued' }
    : restored;
}

/**
 * The restored record of an image whose staged record is newer, because Redis went back to an earlier state (a backup, a
 * failover, a crash); null if the record is newer. The higher version is newer. The exception is a run that ended after Redis
 * was emptied and the record was restored: its staged record is final, with a lower version.
 */
export function stagedIfNewer(record: ImageRecord, staged: ImageRecord): ImageRecord | null {
  const isEnded = !isOpen(staged) && isOpen(record) && staged.run >= record.run;
  return staged.version > record.version || isEnded ? restoreRecord(staged, LOWEST_EPOCH) : null;
}

/** Its versions are the lowest, so that the staged record keeps its version. */
const LOWEST_EPOCH = 0;
