import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import { isBatchSettled, isBatchUntouched } from '@pixdock/shared/state/records/batch-state';
import { openMemories } from '../batches/batch-cursors.js';
import { cancelItems } from '../batches/cancel-items.js';
import { removeItems } from '../batches/delete-items.js';
import { fill } from '../batches/fill.js';
import type { OpenBatch } from '../batches/item-record.js';
import { openOwnerWindows } from '../batches/owner-window.js';
import { buryBatch, isDeleted } from '../batches/purge-batch.js';
import { heal } from '../batches/requeue-lost-items.js';
import { dropRetries, retryItems } from '../batches/retry-items.js';
import type { WorkerDeps } from '../deps.js';

/** Until the next pass: shortly while there is something to put under way, else when something may have ended. */
const BUSY_MS = 200;
const IDLE_MS = 1000;
const HEAL_EVERY_MS = 30_000;

/**
 * Keeps one batch going, pass after pass, until all its items are final: a few hundred are under way at any moment,
 * whatever its size. A pass may stop anywhere and be repeated.
 */
export function expandBatch(deps: WorkerDeps): JobHandlers['expand-batch'] {
  const { batches, staging } = deps;
  const memories = openMemories();
  const windows = openOwnerWindows(batches);
  const close = (batchId: string) => batches.close(batchId, Date.now() + deps.config.retentionMs);

  return async ({ batchId }, { signal }) => {
    const [state, manifest] = [await batches.get(batchId), await staging.batches.open(batchId)];
    if (state === null) return { outcome: 'done' };
    if (manifest === null) {
      // Its submission was refused after all, by a server that could not say so here.
      if (isBatchUntouched(state)) await batches.forget(state);
      return { outcome: 'done' };
    }
    if (isDeleted(state) || (await staging.batches.tombstone(batchId)) !== null) {
      memories.forget(batchId);
      const isOver = (await buryBatch(deps, state, manifest.entry, signal)) && (await close(batchId));
      return isOver ? { outcome: 'done' } : { outcome: 'again', afterMs: BUSY_MS };
    }
    const memory = memories.of(state);
    const done = await pass({ state, manifest, memory, windows }, signal);
    const after = await batches.get(batchId);
    if (after !== null && isDeleted(after)) return { outcome: 'again', afterMs: 0 };
    if (after === null || (isBatchSettled(after) && (await close(batchId)))) {
      memories.forget(batchId);
      // A failed item may be tried again from what is here, unless its batch was canceled.
      const isKept = after === null || (after.failed > 0 && after.cancelRequestedAt === null);
      if (!isKept) await staging.batches.dropMaterials(batchId);
      return { outcome: 'done' };
    }
    if (performance.now() - memory.healedAt > HEAL_EVERY_MS) {
      memory.healedAt = performance.now();
      await heal(deps, state);
    }
    return { outcome: 'again', afterMs: done > 0 ? BUSY_MS : IDLE_MS };
  };

  /** Returns how many items it did something about. */
  async function pass(batch: OpenBatch, signal: AbortSignal): Promise<number> {
    const { deleteRequestedAt, cancelRequestedAt } = batch.state;
    if (deleteRequestedAt !== null || cancelRequestedAt !== null) {
      await dropRetries(deps, batch);
      return (deleteRequestedAt === null ? cancelItems : removeItems)(deps, batch, signal);
    }
    const again = await retryItems(deps, batch, signal);
    return again + (await fill(deps, batch, signal));
  }
}
