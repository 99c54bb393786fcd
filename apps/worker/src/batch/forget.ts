import { isBatchSettled } from '@pixdock/shared/records/batch-state';
import type { WorkerDeps } from '../deps.js';

/** Forgets a batch whose retention has ended, with the records of all its items; their objects stay. */
export async function forgetBatch(
  { batches, records, staging }: WorkerDeps,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const state = await batches.get(id);
  if (state === null || !isBatchSettled(state)) return;
  const manifest = await staging.batches.open(id);
  if (manifest !== null) {
    for (let place = 0; place < state.total; place++) {
      // What is left is found again at the next sweep, as the batch itself goes last.
      if (signal.aborted) return;
      await forgetItem(manifest.id(place));
    }
  }
  await staging.batches.forget(id);
  await batches.forget(state);

  async function forgetItem(imageId: string): Promise<void> {
    const record = await records.get(imageId);
    await staging.forget(imageId);
    if (record !== null) await records.forget(record);
  }
}
