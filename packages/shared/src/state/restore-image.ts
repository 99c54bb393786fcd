import type { ImageRecord } from './records/image-record.js';
import { recreateRecord } from './records/recreate-record.js';
import { catchUp } from './records/restore-record.js';
import { runOf } from './records/run-of.js';
import { isSettled } from './records/view.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores the record and the job of one image from its entry in staging. */
export async function restoreImage(
  { staging, records, queue, idempotency }: RestoreParts,
  id: string,
  done: RestoreCounts = noCounts(),
): Promise<void> {
  const entry = await staging.entry(id);
  if (entry === null) return;
  let record = await records.get(id);
  if (record === null) {
    const recreated = await recreateRecord(records, entry.record);
    if (recreated.isCreated) done.records++;
    record = recreated.record;
    if (record === null) return;
  } else if (catchUp(record, entry.record) !== null) {
    const changed = await records.transition(id, (current) => catchUp(current, entry.record), record);
    if (changed.outcome === 'missing') return;
    record = changed.record;
  }
  // A record that another process created does not imply that Redis has the key.
  if (entry.idempotency !== null) await idempotency.restore(record.owner, entry.idempotency, record);
  if (!isSettled(record)) {
    if (record.deleteRequestedAt !== null) await queue.delete(id, record.owner);
    else if (record.batchId === null) await queue.enqueue(runOf(record));
    done.waiting++;
  } else if (!isSettled(entry.record) && entry.record.run <= record.run) {
    await settleNewest({ staging, records }, record);
  }
}

/** Records the final status of an image in staging: that of a deletion which ended in the meantime must not be lost. */
export async function settleNewest(
  { staging, records }: Pick<RestoreParts, 'staging' | 'records'>,
  record: ImageRecord,
): Promise<void> {
  for (let settled = record; ; ) {
    await staging.settle(settled);
    const newest = await records.get(record.id);
    if (newest === null || newest.version === settled.version || !isSettled(newest)) return;
    settled = newest;
  }
}

/** Removes the run that a retry recorded in staging while a deletion ended. */
export async function dropLateRun(
  parts: Pick<RestoreParts, 'staging' | 'records'>,
  record: ImageRecord,
): Promise<void> {
  if (record.status === 'deleted') await parts.staging.settle(record);
}

/**
 * Restores a record that is older than the image's entry in staging, after Redis went back to an earlier state.
 * @returns the restored record, or null if the record was not older
 */
export async function restoreIfBehind(parts: RestoreParts, record: ImageRecord): Promise<ImageRecord | null> {
  const entry = await parts.staging.ownEntry(record.id);
  if (entry === null || catchUp(record, entry.record) === null) return null;
  await restoreImage(parts, record.id);
  return parts.records.get(record.id);
}
