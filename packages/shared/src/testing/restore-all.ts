import { beginRestore, type Restore } from '../state/restore/restore.js';
import type { RestoreCounts, RestoreParts } from '../state/restore/restore-parts.js';

/** Restores everything that Redis lacks. */
export const restoreAll = (parts: RestoreParts, inEpoch?: number) =>
  continueAll(beginRestore(parts, inEpoch));

export async function continueAll(restore: Restore): Promise<RestoreCounts> {
  await restore.restoreWaiting();
  await restore.restoreRecent();
  await restore.restoreOthers();
  return restore.counts;
}
