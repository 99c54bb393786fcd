import type { JobResult } from '@pixdock/shared/queue/jobs';
import { noteKeys } from '@pixdock/shared/state/records/end-transitions';
import type { Entry } from '@pixdock/shared/state/records/entry';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { recreateRecord } from '@pixdock/shared/state/records/recreate-record';
import { isSettled } from '@pixdock/shared/state/records/view';
import type { AttemptDeps, Parts } from '../deps.js';
import { removeObjects } from './remove-objects.js';
import { settleIfFinal } from './settle.js';
import type { Attempt } from './start-attempt.js';

/**
 * Ends an attempt that has lost its image to another attempt or a deletion. The objects that this attempt wrote are now
 * theirs. It removes them only if the image ends without objects, or was never accepted. It also removes files that it
 * wrote to staging after the image was final.
 */
export async function abandon(deps: AttemptDeps, attempt: Attempt): Promise<JobResult> {
  const { records, staging, store } = deps;
  const { id, run, internal: written } = attempt.record;
  const found = await records.get(id);
  const entry = found === null ? await staging.entry(id) : null;
  const isRefused = found === null && entry === null;
  const current = entry === null ? found : await recreate(deps, attempt.record, entry);
  // A deletion after Redis was emptied knows no keys of this attempt, and may have ended before the put.
  const isAlreadyDeleted = entry?.record.status === 'deleted';
  const isDeleted = isAlreadyDeleted || (current !== null && current.deleteRequestedAt !== null);
  const isCanceled = entry !== null && (await isCanceledItem(deps, entry.record));
  if (isRefused || isDeleted || isCanceled) await removeObjects(store, written.keys);
  if (current === null) return { outcome: 'done' };
  // A deletion, or the next run, must know which objects may exist.
  if (current.status === 'failed')
    await records.transition(id, (failed) => noteKeys(failed, run, written.keys));
  const internal = current.status === 'canceled' ? written : current.internal;
  return settleIfFinal(deps, { ...current, internal });
}

/** Whether an item without a record ends as canceled. No record is created for it, so nothing else removes its objects. */
async function isCanceledItem({ staging }: Parts<'staging'>, record: ImageRecord): Promise<boolean> {
  if (isSettled(record)) return record.status === 'canceled';
  return record.batchId !== null && (await staging.batches.changes(record.batchId)).includes('canceled');
}

/** Recreates a lost record with the keys of this attempt, for the next one. An item is restored with its batch. */
async function recreate(
  { records }: Parts<'records'>,
  record: ImageRecord,
  entry: Entry,
): Promise<ImageRecord | null> {
  if (entry.record.batchId !== null) return null;
  return (await recreateRecord(records, isSettled(entry.record) ? entry.record : record)).record;
}
