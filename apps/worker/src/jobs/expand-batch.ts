import { isSettled } from '@pixdock/contract/status';
import type { JobFollowUps, JobHandlers, JobResult } from '@pixdock/shared/queue/jobs';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import {
  awaitsPeople,
  type BatchState,
  isBatchDeleted,
  isBatchSettled,
  isBatchUntouched,
  isEnding,
} from '@pixdock/shared/state/batches/batch-state';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { type BatchPass, openBatchCursors, type PassDeps } from '../batches/batch-pass.js';
import { cancelItems } from '../batches/cancel-items.js';
import { type CloseDeps, closeBatch } from '../batches/close-batch.js';
import { deleteItems } from '../batches/delete-items.js';
import { fill } from '../batches/fill.js';
import { openOwnerWindows } from '../batches/owner-window.js';
import { purgeBatch } from '../batches/purge-batch.js';
import { dropRetries, retryItems } from '../batches/retry-items.js';
import type { Parts } from '../deps.js';

/** Delay until the next pass: short while there are items to start, else until some items may have ended. */
const BUSY_MS = 200;
const IDLE_MS = 1000;
const REQUEUE_EVERY_MS = 30_000;

type Deps = PassDeps & Parts<'idempotency' | 'deliveries'>;

/**
 * Keeps one batch going, pass after pass, until all its items are final. At any moment a few hundred items are started,
 * whatever the size of the batch. A pass may stop anywhere and be repeated.
 */
export function expandBatch(deps: Deps): JobHandlers['expand-batch'] {
  const { batches, staging } = deps;
  const cursors = openBatchCursors();
  const windows = openOwnerWindows(batches);

  return async ({ batchId }, { signal }) => {
    const state = await batches.inRedis(batchId);
    const manifest = await staging.batches.open(batchId);
    if (state === null) return { outcome: 'done' };
    if (manifest === null) return await endWithoutManifest(deps, state);
    if (isBatchDeleted(state) || (await staging.batches.tombstone(batchId)) !== null) {
      cursors.forget(batchId);
      return await bury(deps, state, manifest.entry, signal);
    }
    const pass = { state, manifest, cursor: cursors.of(state), windows };
    const handled = await work(deps, pass, signal);
    const result = await endPass(deps, pass, handled);
    if (result.outcome === 'done') cursors.forget(batchId);
    return result;
  };
}

async function endWithoutManifest(deps: CloseDeps, state: BatchState): Promise<JobResult> {
  // Its submission was refused, by a server that died before it could forget the batch.
  if (isBatchUntouched(state)) await deps.batches.forget(state);
  else await closeBatch(deps, state);
  return { outcome: 'done' };
}

/** Removes everything of a deleted batch, and then closes it. */
async function bury(
  deps: Deps,
  state: BatchState,
  entry: BatchEntry,
  signal: AbortSignal,
): Promise<JobResult> {
  const { batches, staging } = deps;
  const isPurged = await purgeBatch(deps, state, entry, signal);
  const buried = isPurged ? await batches.inRedis(state.id) : null;
  const isClosed = buried !== null && (await closeBatch(deps, buried));
  if (!isClosed) return { outcome: 'again', afterMs: BUSY_MS };
  await staging.batches.eraseEntry(state.id);
  return { outcome: 'done' };
}

/** Returns how many items it went over or started. */
async function work(deps: PassDeps, pass: BatchPass, signal: AbortSignal): Promise<number> {
  if (isEnding(pass.state)) {
    await dropRetries(deps, pass);
    return (pass.state.deleteRequestedAt === null ? cancelItems : deleteItems)(deps, pass, signal);
  }
  const retried = await retryItems(deps, pass, signal);
  return retried + (await fill(deps, pass, signal));
}

/** Closes the batch if it has no work left. Otherwise the next pass comes the sooner, the more this one handled. */
async function endPass(
  deps: Deps,
  { state: before, manifest, cursor }: BatchPass,
  handled: number,
): Promise<JobResult> {
  const { batches, staging } = deps;
  const after = await batches.inRedis(before.id);
  // Redis has lost the batch. The restore continues it, and needs its files.
  if (after === null) return { outcome: 'done' };
  if (isBatchDeleted(after)) return { outcome: 'again', afterMs: 0 };
  if (await closeBatch(deps, after)) {
    // Failed items can be retried from the batch's files, unless the batch was canceled. A workbook can be downloaded as a report.
    const isKept = manifest.entry.workbook !== null || (after.failed > 0 && after.cancelRequestedAt === null);
    if (!isKept) await staging.batches.dropMaterials(after.id);
    return { outcome: 'done' };
  }
  // A decision queues the item, and the end of the item closes the batch. The sweep starts passes in case a decision lost its job.
  if (awaitsPeople(after)) return { outcome: 'done' };
  if (performance.now() - cursor.requeuedAt > REQUEUE_EVERY_MS) {
    cursor.requeuedAt = performance.now();
    await requeueLostItems(deps, after);
  }
  const isEndRequested = isEnding(after) && !isEnding(before);
  const isDue = isEndRequested || after.retries.length > 0;
  return { outcome: 'again', afterMs: isDue ? 0 : handled > 0 ? BUSY_MS : IDLE_MS };
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
    if (state === null || isBatchSettled(state) || awaitsPeople(state)) return;
    // Without the files of its batch, the job would end at once, again and again.
    if ((await staging.batches.open(batchId)) !== null) await queue.expand(state);
  };
}
