import { isSettled } from '@pixdock/contract/status';
import type { Entry } from '../images/entry.js';
import { runOf } from '../images/run-of.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores the record and the job of one image from its entry in staging. */
export async function restoreImage(
  parts: RestoreParts,
  id: string,
  counts: RestoreCounts = noCounts(),
  inEpoch?: number,
): Promise<void> {
  await restoreEntry(parts, await parts.staging.entry(id), counts, inEpoch);
}

/** Restores an image from an entry, unless Redis has a later state. */
export async function restoreEntry(
  { images, queue, idempotency }: RestoreParts,
  entry: Entry | null,
  counts: RestoreCounts,
  inEpoch?: number,
): Promise<void> {
  if (entry === null) return;
  const { record, isCreated } = await images.restoreEntry(entry, inEpoch);
  if (record === null) return;
  if (isCreated) counts.records++;
  // A record that another process created does not imply that Redis has the key.
  if (entry.idempotency !== null) await idempotency.restore(record.owner, entry.idempotency, record);
  if (!isSettled(record)) {
    if (record.deleteRequestedAt !== null) await queue.delete(record.id, record.owner);
    else if (record.batchId === null) await queue.enqueue(runOf(record));
    counts.waiting++;
  } else if (!isSettled(entry.record) && entry.record.run <= record.run) {
    await images.writeOutcome(record);
  }
}
