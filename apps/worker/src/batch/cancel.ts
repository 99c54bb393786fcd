import { FINAL_STATUSES } from '@pixdock/shared/contract/image';
import { cancel, failAtOnce } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { settleIfFinal } from '../publish/settle.js';
import { type OpenBatch, recordOf, untouched } from './item-record.js';

/** Cancels every item that is not final. */
export async function cancelItems(deps: WorkerDeps, batch: OpenBatch, signal: AbortSignal): Promise<void> {
  const { records, config } = deps;
  const { manifest, state } = batch;
  // What is under way first, or it would be done before its turn comes.
  for (const imageId of (await deps.batches.window(state.id).items()).keys()) await end(imageId);
  for await (const { place, item } of manifest.items(0)) {
    if (signal.aborted) return;
    const imageId = manifest.id(place);
    const record = await recordOf(deps, imageId);
    if (record !== null && FINAL_STATUSES.includes(record.status)) continue;
    if (record === null) {
      const fresh = untouched(batch, place, item);
      const ended =
        item.fault === null
          ? cancel(fresh, config.retentionMs)
          : failAtOnce(fresh, item.fault, config.retentionMs);
      if (ended !== null) await records.create(ended);
      continue;
    }
    await end(imageId);
  }

  async function end(imageId: string): Promise<void> {
    const moved = await records.move(imageId, (current) => cancel(current, config.retentionMs));
    // What it may have stored goes; an attempt that has it in hand does the same once more when it finds out.
    if (moved.outcome !== 'moved') return;
    const settled = await settleIfFinal(deps, moved.record);
    if (settled.outcome === 'again') await deps.queue.run(moved.record);
  }
}
