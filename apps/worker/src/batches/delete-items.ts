import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { type ImageRecord, isDeleted, isOpen } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { markDeleted, requestDelete } from '@pixdock/shared/state/images/transitions';
import { keysOf } from '../attempt/remove-objects.js';
import type { KeyConfig, Needs } from '../deps.js';
import type { BatchPass } from './batch-pass.js';
import { endInStretches, ITEMS_AT_ONCE } from './items-without-record.js';

/**
 * Items per pass, so that no pass is long: about half a second when none has a record. A batch of 100,000 rows that were
 * never started is deleted in 25 passes.
 */
const DELETED_PER_PASS = 4000;

export type DeleteDeps = Needs<'images' | 'queue' | 'staging' | 'batches' | 'events', 'retentionMs'> & {
  config: KeyConfig;
};

/**
 * Deletes items and their objects, from the first that is not deleted, as many at a time as may have a job. Returns how
 * many items it went over.
 */
export async function deleteItems(deps: DeleteDeps, pass: BatchPass, signal: AbortSignal): Promise<number> {
  const { images, queue } = deps;
  const { state, cursor } = pass;
  if (!cursor.endedStarted) {
    // Their attempts end at once, although the pass may reach them late.
    const started = await deps.batches.window(state).items();
    await inGroups(started.keys(), async (imageId) => {
      await images.change(imageId, requestDelete);
    });
    cursor.endedStarted = true;
  }
  const from = Math.min(cursor.deleteFrom, state.deletedBefore);
  let jobs = 0;
  let next = from;
  const places = { status: 'deleted', from, to: from + DELETED_PER_PASS } as const;
  for await (const { records, to } of endInStretches(deps, pass, places)) {
    const remaining = records.filter((record) => !isDeleted(record));
    await inGroups(remaining, async (record) => {
      if (await deleteWithoutJob(deps, record)) return;
      await images.transition(record.id, requestDelete, record);
      await queue.delete(record.id, record.owner);
      jobs++;
    });
    next = to;
    if (jobs === 0) cursor.deleteFrom = next;
    if (signal.aborted || jobs >= ITEMS_AT_ONCE) break;
  }
  if (next > state.next) await deps.batches.window(state).advance(next);
  return next - from;
}

/** Deletes a final item that has no objects, such as one whose address failed: without a job and a call to OSS. */
async function deleteWithoutJob(
  { images, queue, staging, events, config }: DeleteDeps,
  record: ImageRecord,
): Promise<boolean> {
  // A run that has just ended may still write its outcome.
  if (await queue.isRunning(runOf(record))) return false;
  const markDeletedAtOnce = (current: ImageRecord) => {
    const hasObjects = keysOf(current, config).length > 0;
    if (hasObjects || isOpen(current)) return null;
    return markDeleted(requestDelete(current) ?? current, config.retentionMs);
  };
  const changed = await images.transition(record.id, markDeletedAtOnce, record);
  if (changed.outcome !== 'changed') return false;
  events.imageFinished(changed.record);
  await staging.writeOutcome(changed.record);
  return true;
}
