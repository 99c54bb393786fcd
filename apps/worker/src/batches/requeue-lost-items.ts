import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { isSettled } from '@pixdock/shared/state/records/view';
import type { Parts } from '../deps.js';

/** Queues every started item that has lost its job, and takes final items out of the window. */
export async function requeueLostItems(
  { batches, records, queue }: Parts<'batches' | 'records' | 'queue'>,
  state: BatchState,
): Promise<void> {
  const window = batches.window(state);
  for (const imageId of (await window.items()).keys()) {
    const record = await records.get(imageId);
    if (record === null || isSettled(record)) await window.leave(imageId);
    else if (record.deleteRequestedAt !== null) await queue.delete(imageId, record.owner);
    else await queue.enqueue(runOf(record));
  }
}
