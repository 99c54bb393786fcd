import { isSettled } from '@pixdock/contract/status';
import { runOf } from '../images/run-of.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores the record and the job of one image from its entry in staging. */
export async function restoreImage(
  { staging, images, queue, idempotency }: RestoreParts,
  id: string,
  counts: RestoreCounts = noCounts(),
  inEpoch?: number,
): Promise<void> {
  const entry = await staging.entry(id);
  if (entry === null) return;
  const { record, isCreated } = await images.restoreEntry(entry, inEpoch);
  if (record === null) return;
  if (isCreated) counts.records++;
  // A record that another process created does not imply that Redis has the key.
  if (entry.idempotency !== null) await idempotency.restore(record.owner, entry.idempotency, record);
  if (!isSettled(record)) {
    if (record.deleteRequestedAt !== null) await queue.delete(id, record.owner);
    else if (record.batchId === null) await queue.enqueue(runOf(record));
    counts.waiting++;
  } else if (!isSettled(entry.record) && entry.record.run <= record.run) {
    await images.writeOutcome(record);
  }
}
