import { openRestore, type Restore } from '../state/restore/restore.js';
import type { RestoreCounts, RestoreParts } from '../state/restore/restore-parts.js';

/** Restores everything that Redis lacks. */
export const restoreAll = (parts: RestoreParts, epoch?: number) => continueAll(openRestore(parts, epoch));

export async function continueAll(restore: Restore): Promise<RestoreCounts> {
  await restore.restoreOpen();
  await restore.restoreRecent();
  await restore.restoreOthers();
  return restore.counts;
}
