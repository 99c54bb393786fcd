import { isSettled } from '@pixdock/contract/status';
import type { JobFollowUps, JobHandlers } from '@pixdock/shared/queue/jobs';
import {
  type BatchState,
  isBatchSettled,
  isBatchUntouched,
  isEnding,
} from '@pixdock/shared/state/batches/batch-state';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { openBatchCursors } from '../batches/batch-cursors.js';
import { type CancelDeps, cancelItems } from '../batches/cancel-items.js';
import { closeBatch } from '../batches/close-batch.js';
import { deleteItems } from '../batches/delete-items.js';
import { fill } from '../batches/fill.js';
import type { OpenBatch } from '../batches/item-record.js';
import { openOwnerWindows } from '../batches/owner-window.js';
import { isDeleted, purgeBatch } from '../batches/purge-batch.js';
import { dropRetries, retryItems } from '../batches/retry-items.js';
import type { Parts } from '../deps.js';

/** Delay until the next pass: short while there are items to start, else until some items may have ended. */
const BUSY_MS = 200;
const IDLE_MS = 1000;
const REQUEUE_EVERY_MS = 30_000;

/**
 * Keeps one batch going, pass after pass, until all its items are final. At any moment a few hundred items are started,
 * whatever the size of the batch. A pass may stop anywhere and be repeated.
 */
export function expandBatch(
  deps: CancelDeps & Parts<'idempotency' | 'deliveries'>,
): JobHandlers['expand-batch'] {
  const { batches, staging } = deps;
  const cursors = openBatchCursors();
  const windows = openOwnerWindows(batches);

  return async ({ batchId }, { signal }) => {
    const [state, manifest] = [await batches.inRedis(batchId), await staging.batches.open(batchId)];
    if (state === null) return { outcome: 'done' };
    if (manifest === null) {
      // Its submission was refused, by a server that died before it could forget the batch.
      if (isBatchUntouched(state)) await batches.forget(state);
      else await closeBatch(deps, state);
      return { outcome: 'done' };
    }
    if (isDeleted(state) || (await staging.batches.tombstone(batchId)) !== null) {
      cursors.forget(batchId);
      const isPurged = await purgeBatch(deps, state, manifest.entry, signal);
      const buried = isPurged ? await batches.inRedis(batchId) : null;
      const isClosed = buried !== null && (await closeBatch(deps, buried));
      if (!isClosed) return { outcome: 'again', afterMs: BUSY_MS };
      await staging.batches.eraseEntry(manifest.entry);
      return { outcome: 'done' };
    }

    const cursor = cursors.of(state);
    const handled = await pass(deps, { state, manifest, cursor, windows }, signal);

    const stateAfter = await batches.inRedis(batchId);
    if (stateAfter !== null && isDeleted(stateAfter)) return { outcome: 'again', afterMs: 0 };
    const isClosed = stateAfter !== null && (await closeBatch(deps, stateAfter));
    if (stateAfter === null || isClosed) {
      cursors.forget(batchId);
      // Failed items can be retried from the batch's files, unless the batch was canceled.
      const isKept = stateAfter === null || (stateAfter.failed > 0 && stateAfter.cancelRequestedAt === null);
      if (!isKept) await staging.batches.dropMaterials(batchId);
      return { outcome: 'done' };
    }
    if (performance.now() - cursor.requeuedAt > REQUEUE_EVERY_MS) {
      cursor.requeuedAt = performance.now();
      await requeueLostItems(deps, state);
    }
    const isEndRequested = isEnding(stateAfter) && !isEnding(state);
    return { outcome: 'again', afterMs: isEndRequested ? 0 : handled > 0 ? BUSY_MS : IDLE_MS };
  };
}

/** Returns how many items it went over or started. */
async function pass(deps: CancelDeps, batch: OpenBatch, signal: AbortSignal): Promise<number> {
  if (isEnding(batch.state)) {
    await dropRetries(deps, batch);
    return (batch.state.deleteRequestedAt === null ? cancelItems : deleteItems)(deps, batch, signal);
  }
  const retried = await retryItems(deps, batch, signal);
  return retried + (await fill(deps, batch, signal));
}

/** Queues every started item that has lost its job, and takes final items out of the window. */
async function requeueLostItems(
  { batches, images, queue }: Parts<'batches' | 'images' | 'queue'>,
  state: BatchState,
): Promise<void> {
  const window = batches.window(state);
  for (const imageId of (await window.items()).keys()) {
    const record = await images.inRedis(imageId);
    if (record === null || isSettled(record)) await window.leave(imageId);
    else if (record.deleteRequestedAt !== null) await queue.delete(imageId, record.owner);
    else await queue.enqueue(runOf(record));
  }
}

/**
 * Expands a batch again that was changed while its job ended: the request for the change found that job in the queue, and
 * added no other.
 */
export function expandIfChanged({
  batches,
  staging,
  queue,
}: Parts<'batches' | 'staging' | 'queue'>): NonNullable<JobFollowUps['expand-batch']> {
  return async ({ batchId }) => {
    const state = await batches.inRedis(batchId);
    if (state === null || isBatchSettled(state)) return;
    // Without the files of its batch, the job would end at once, again and again.
    if ((await staging.batches.open(batchId)) !== null) await queue.expand(batchId);
  };
}
