import { isBatchSettled } from '@pixdock/shared/records/batch-state';
import type { WorkerDeps } from '../deps.js';

const AT_ONCE = 256;

/** Forgets a batch whose retention has ended, with the records of all its items; their objects stay. */
export async function forgetBatch(
  { batches, records, staging }: WorkerDeps,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const state = await batches.get(id);
  if (state === null || !isBatchSettled(state)) return;
  // First, since a restore would take an item without an account for one that nothing has happened to.
  await staging.batches.forget(id);
  for (;;) {
    const imageIds = await batches.someItems(id, AT_ONCE);
    for (const imageId of imageIds) {
      // What is left is found again at the next sweep, as the batch itself goes last.
      if (signal.aborted) return;
      const record = await records.get(imageId);
      await staging.forget(imageId);
      if (record !== null) await records.forget(record);
    }
    if (imageIds.length === 0) return batches.forget(state);
  }
}
