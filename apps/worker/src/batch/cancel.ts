import type { ManifestItem } from '@pixdock/shared/contract/batch';
import { FINAL_STATUSES } from '@pixdock/shared/contract/image';
import { inGroups } from '@pixdock/shared/in-groups';
import { cancel, failAtOnce } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { settleIfFinal } from '../publish/settle.js';
import { type OpenBatch, recordOf, untouched } from './item-record.js';

/** Items looked at in one pass, so that no pass is long. */
const LOOK_AT = 1000;

/** Cancels items that are not final, from where the pass before ended. Returns how many were looked at. */
export async function cancelItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<number> {
  const { records, config } = deps;
  const { manifest, state, memory } = batch;
  const window = deps.batches.window(state);
  // What is under way first, or it would be done before its turn comes.
  await inGroups((await window.items()).keys(), end);
  const from = memory.cancelFrom;
  const to = Math.min(state.total, from + LOOK_AT);
  await inGroups(manifest.items(from, to), cancelOne);
  if (signal.aborted) return to - from;
  memory.cancelFrom = to < state.total ? to : 0;
  if (to > state.next) await window.advance(to);
  return to - from;

  async function cancelOne({ place, item }: { place: number; item: ManifestItem }): Promise<void> {
    if (signal.aborted) return;
    const imageId = manifest.id(place);
    const record = await recordOf(deps, imageId);
    if (record !== null && FINAL_STATUSES.includes(record.status)) return;
    if (record !== null) return end(imageId);
    const fresh = await untouched(deps, batch, place, item);
    if (fresh.internal.keysLost) {
      await records.create(fresh);
      return end(imageId);
    }
    const ended =
      item.fault === null
        ? cancel(fresh, config.retentionMs)
        : failAtOnce(fresh, item.fault, config.retentionMs);
    if (ended !== null) await records.create(ended);
  }

  async function end(imageId: string): Promise<void> {
    const moved = await records.move(imageId, (current) => cancel(current, config.retentionMs));
    // What it may have stored goes; an attempt that has it in hand does the same once more when it finds out.
    if (moved.outcome !== 'moved') return;
    const settled = await settleIfFinal(deps, moved.record);
    if (settled.outcome === 'again') await deps.queue.run(moved.record);
  }
}
