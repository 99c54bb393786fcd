import { isBatchSettled } from '../batches/batch-state.js';
import { retryCodeOf } from '../staged/batch-changes.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores the state of a batch and its job, which finds out which items are done. */
export async function restoreBatch(
  { staging, batches, queue, idempotency, log }: RestoreParts,
  id: string,
  done: RestoreCounts = noCounts(),
  inEpoch?: number,
): Promise<void> {
  const manifest = await staging.batches.open(id);
  if (manifest === null) return log.error({ id }, 'a batch in staging cannot be read');
  const { entry } = manifest;
  const { isBuried, isCreated } = await batches.restore(entry, inEpoch);
  // A request that is refused meanwhile removes the files, then the state.
  if (isCreated && (await staging.batches.open(id, 0)) === null) {
    const refused = await batches.inRedis(id);
    if (refused !== null) await batches.forget(refused);
    return;
  }
  if (entry.idempotency !== null) await idempotency.restore(entry.owner, entry.idempotency, entry);
  if (isBuried) {
    // A Redis that went back to an earlier state has records of its items.
    const [item] = await batches.someItems(id, 0, 1);
    if (item !== undefined || (await staging.batches.hasRows(id))) await queue.expand(entry);
    return;
  }
  const retries = (await batches.inRedis(id))?.retries.map(({ code }) => code) ?? [];
  for (const change of await staging.batches.changes(id))
    if (change === 'canceled') await batches.cancel(id);
    else if (change === 'deleted') await batches.request(id, 'deleteRequestedAt');
    else if (!retries.includes(retryCodeOf(change))) await batches.retry(id, retryCodeOf(change));
  const state = await batches.inRedis(id);
  if (state === null || isBatchSettled(state)) return;
  await queue.expand(entry);
  done.batches++;
}
