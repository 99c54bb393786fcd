import { FINAL_STATUSES } from '@pixdock/contract/image';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { markDeleted, requestDelete } from '@pixdock/shared/state/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { keysOf } from '../publish/undo.js';
import type { OpenBatch } from './item-record.js';
import { AT_ONCE, endWithoutRecord, readStretch, stretches } from './items-without-record.js';

/**
 * Items looked at in one pass, so that no pass is long: about half a second where none has a record. A batch of 100,000
 * rows that were never begun is deleted in 25 passes.
 */
const LOOK_AT = 4000;

/**
 * Deletes items and their objects, from the first that is not deleted on, as many as may be under way. Returns how many it
 * looked at.
 */
export async function removeItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<number> {
  const { records, queue, staging, config } = deps;
  const { manifest, state, memory } = batch;
  const first = Math.min(memory.removeFrom, state.deletedBefore);
  let underWay = 0;
  let next = first;
  let now = state;
  for await (const { from, rows } of stretches(manifest, first, first + LOOK_AT)) {
    if (signal.aborted || underWay >= AT_ONCE) break;
    const stretch = await readStretch(deps, batch, from, rows);
    const to = from + rows.length;
    // Somebody else made a record at this moment: the stretch is read again.
    if (!(await endWithoutRecord(deps, now, stretch, { status: 'deleted', to }))) break;
    const left = stretch.records.filter(({ record }) => record.status !== 'deleted');
    await inGroups(left, async ({ record }) => {
      if (await deleteAtOnce(record)) return;
      await records.move(record.id, requestDelete, record);
      await queue.delete(record.id, record.owner);
      underWay++;
    });
    next = to;
    now = { ...now, deletedBefore: Math.max(now.deletedBefore, to) };
    if (underWay === 0) memory.removeFrom = next;
  }
  if (next > state.next) await deps.batches.window(state).advance(next);
  return next - first;

  /** Deletes a final item that has no objects, such as one whose address failed: no job and no call to OSS. */
  async function deleteAtOnce(record: ImageRecord): Promise<boolean> {
    // A run that has just ended may still write its outcome.
    if (await queue.isRunning(runOf(record))) return false;
    const moved = await records.move(
      record.id,
      (current) => {
        const hasObjects = keysOf(current, config).length > 0;
        if (hasObjects || !FINAL_STATUSES.includes(current.status)) return null;
        return markDeleted(requestDelete(current) ?? current, config.retentionMs);
      },
      record,
    );
    if (moved.outcome !== 'moved') return false;
    await staging.settle(moved.record);
    return true;
  }
}
