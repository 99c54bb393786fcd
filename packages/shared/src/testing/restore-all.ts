import { beginRestore, type Restore } from '../state/restore/restore.js';
import type { RestoreCounts, RestoreParts } from '../state/restore/restore-parts.js';
import { OUTCOME_PARTS } from '../state/staging.js';

/** Restores everything that Redis lacks. */
export const restoreAll = (parts: RestoreParts, inEpoch?: number) =>
  continueAll(beginRestore(parts, inEpoch));

export async function continueAll(restore: Restore): Promise<RestoreCounts> {
  await restore.restoreWaiting();
  for (const age of ['recent', 'older'] as const)
    for (const part of OUTCOME_PARTS) await restore.restoreOutcomes(part, age);
  return restore.counts;
}
