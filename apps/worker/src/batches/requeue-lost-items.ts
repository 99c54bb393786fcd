import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { isSettled } from '@pixdock/shared/state/records/view';
import type { WorkerDeps } from '../deps.js';

/** Gives a job back to every item under way that lost it, and takes out those that are final. */
export async function heal({ batches, records, queue }: WorkerDeps, state: BatchState): Promise<void> {
  const window = batches.window(state);
  for (const imageId of (await window.items()).keys()) {
    const record = await records.get(imageId);
    if (record === null || isSettled(record)) await window.leave(imageId);
    else if (record.deleteRequestedAt !== null) await queue.delete(imageId, record.owner);
    else await queue.run(runOf(record));
  }
}
