import type { BatchEntry } from '../batches/batch-entry.js';
import { isBatchSettled } from '../batches/batch-state.js';
import type { Batches } from '../batches/batches.js';
import { firstVersionIn } from '../epoch.js';
import { retryCodeOf } from '../manifest/batch-changes.js';
import { cancelBatch } from '../manifest/cancel-batch.js';
import type { Staging } from '../staging.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores the state of a batch and its job, which finds out which items are done. */
export async function restoreBatch(
  { staging, batches, queue, idempotency, log }: RestoreParts,
  id: string,
  done: RestoreCounts = noCounts(),
  epoch?: number,
): Promise<void> {
  const manifest = await staging.batches.open(id);
  if (manifest === null) return log.error({ id }, 'a batch in staging cannot be read');
  const { entry } = manifest;
  const { isBuried, isCreated } = await restoreState({ staging, batches }, entry, epoch);
  // A request that is refused meanwhile removes the files, then the state.
  if (isCreated && (await staging.batches.open(id, 0)) === null) {
    const refused = await batches.get(id);
    if (refused !== null) await batches.forget(refused);
    return;
  }
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

type StateParts = Pick<Batches, 'get' | 'create' | 'bury' | 'raiseVersion' | 'epoch'>;

/** Creates the state of a batch unless Redis has it. A batch that has a tombstone is buried. */
export async function restoreState(
  { staging, batches }: { staging: Staging; batches: StateParts },
  entry: BatchEntry,
  restoring?: number,
): Promise<{ isBuried: boolean; isCreated: boolean }> {
  const epoch = restoring ?? (await batches.epoch.current()).number;
  const version = firstVersionIn(epoch);
  const tombstone = await staging.batches.tombstone(entry.id);
  if (tombstone !== null) {
    await batches.bury(entry, tombstone, version);
    return { isBuried: true, isCreated: false };
  }
  const changes = await staging.batches.changes(entry.id);
  // In one step: otherwise a worker that cancels its last items could finish the batch before its cancellation is set.
  const isCreated = await batches.create(entry, version, { epoch, isCanceled: changes.includes('canceled') });
  const state = isCreated ? null : await batches.get(entry.id);
  if (state !== null) await batches.raiseVersion(state);
  return { isBuried: false, isCreated };
}
