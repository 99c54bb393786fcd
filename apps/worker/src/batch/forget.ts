import { isBatchSettled } from '@pixdock/shared/records/batch-state';
import type { WorkerDeps } from '../deps.js';
import { forgetImage } from '../forget-image.js';

const AT_ONCE = 256;

/** Forgets a batch whose retention has ended, with the records of all its items; their objects stay. */
export async function forgetBatch(deps: WorkerDeps, id: string, signal: AbortSignal): Promise<void> {
  const { batches, staging } = deps;
  const state = await batches.get(id);
  if (state === null) return;
  if (state.forgottenAt === null) {
    const isDue = state.expiresAt !== null && state.expiresAt <= Date.now();
    if (!isDue || !isBatchSettled(state) || !(await batches.beginForgetting(state))) return;
  }
  // First, since a restore would take an item without an account for one that nothing has happened to.
  await staging.batches.forget(id);
  let left = 0;
  for (;;) {
    const imageIds = await batches.someItems(id, left, AT_ONCE);
    const gone: string[] = [];
    for (const imageId of imageIds) {
      // What is left is found again at the next sweep, as the batch itself goes last.
      if (signal.aborted) return;
      // An item that something was asked for is an image by itself from here on, and expires as such.
      if (await forgetImage(deps, imageId)) gone.push(imageId);
      else left++;
    }
    if (imageIds.length === 0) break;
    // One that had lost its record is still told, and would be for ever.
    await batches.dropItems(id, gone);
  }
  // Who asked for something too late may have left a mark of it.
  await staging.batches.forget(id);
  await batches.forget(state);
}
