import { inGroups } from '@pixdock/shared/in-groups';
import { requestDelete } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import type { OpenBatch } from './item-record.js';
import { AT_ONCE, endWithoutRecord, readStretch, stretches } from './without-record.js';

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
  const { records, queue } = deps;
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
      await records.move(record.id, requestDelete, record);
      await queue.delete(record.id, record.owner);
    });
    underWay += left.length;
    next = to;
    now = { ...now, deletedBefore: Math.max(now.deletedBefore, to) };
    if (underWay === 0) memory.removeFrom = next;
  }
  if (next > state.next) await deps.batches.window(state).advance(next);
  return next - first;
}
