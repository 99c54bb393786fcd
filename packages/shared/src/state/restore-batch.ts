import { retryCodeOf } from './batches/batch-changes.js';
import { cancelBatch } from './batches/cancel-batch.js';
import type { BatchEntry } from './records/batch-entry.js';
import { isBatchSettled } from './records/batch-state.js';
import { restoredVersion } from './records/restore-record.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores the state of a batch and its job, which finds out which items are done. */
export async function restoreBatch(
  { staging, batches, queue, idempotency, log }: RestoreParts,
  id: string,
  done: RestoreCounts = noCounts(),
): Promise<void> {
  const manifest = await staging.batches.open(id);
  if (manifest === null) return log.error({ id }, 'a batch in staging cannot be read');
  const { entry } = manifest;
  const isBuried = await restoreState({ staging, batches }, entry);
  if (entry.idempotency !== null) await idempotency.restore(entry.owner, entry.idempotency, entry);
  if (isBuried) {
    // A Redis that went back to an earlier state has records of its items.
    const [item] = await batches.someItems(id, 0, 1);
    if (item !== undefined || (await staging.batches.hasRows(id))) await queue.expand(id);
    return;
  }
  const retries = (await batches.get(id))?.retries.map(({ code }) => code) ?? [];
  for (const change of await staging.batches.changes(id))
    if (change === 'canceled') await cancelBatch({ batches, staging }, id);
    else if (change === 'deleted') await batches.request(id, 'deleteRequestedAt');
    else if (!retries.includes(retryCodeOf(change))) await batches.retry(id, retryCodeOf(change));
  const state = await batches.get(id);
  if (state === null || isBatchSettled(state)) return;
  await queue.expand(id);
  done.batches++;
}

/** Creates the state of a batch unless Redis has it. Returns whether the batch has a tombstone. */
export async function restoreState(
  { staging, batches }: Pick<RestoreParts, 'staging' | 'batches'>,
  entry: BatchEntry,
): Promise<boolean> {
  const version = restoredVersion(entry.createdAt);
  const tombstone = await staging.batches.tombstone(entry.id);
  if (tombstone === null) {
    const changes = await staging.batches.changes(entry.id);
    // In one step: otherwise a worker that cancels its last items could finish the batch before its cancellation is set.
    await batches.create(entry, version, changes.includes('canceled'));
  } else await batches.bury(entry, tombstone, version);
  return tombstone !== null;
}
