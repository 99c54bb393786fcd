import type { ImageRecord } from '@pixdock/shared/contract/image';
import { markDeleted, requestDelete } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { type OpenBatch, recordOf, untouched } from './item-record.js';

/** Deletions of one batch under way at a time. */
const AT_ONCE = 256;
/** Items looked at in one pass, so that no pass is long. */
const LOOK_AT = 1000;

/**
 * Deletes items and their objects, from the first that is not deleted on, as many as may be under way. Returns how many it
 * looked at.
 */
export async function removeItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<number> {
  const { records, queue, config } = deps;
  const { manifest, state, memory } = batch;
  const remove = (record: ImageRecord) => {
    const requested = requestDelete(record) ?? record;
    return markDeleted(requested, config.retentionMs);
  };
  let underWay = 0;
  let next = memory.removeFrom;
  const from = next;
  for await (const { place, item } of manifest.items(from, from + LOOK_AT)) {
    if (signal.aborted || underWay >= AT_ONCE) break;
    const imageId = manifest.id(place);
    let record = await recordOf(deps, imageId);
    if (record === null) {
      const fresh = await untouched(deps, batch, place, item);
      const made = fresh.internal.keysLost ? fresh : (remove(fresh) ?? fresh);
      // Somebody else made it at this moment: it is looked at again.
      if (await records.create(made)) record = made;
      else underWay++;
    }
    if (record !== null && record.status !== 'deleted') {
      await records.move(imageId, requestDelete, record);
      await queue.delete(imageId, record.owner);
      underWay++;
    }
    next = place + 1;
    if (underWay === 0) memory.removeFrom = next;
  }
  if (next > state.next) await deps.batches.window(state).advance(next);
  return next - from;
}
