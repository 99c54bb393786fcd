import { firstVersionIn } from '../epoch.js';
import { isThere } from '../files/optional-file.js';
import { isOpen } from '../images/image-record.js';
import { restoreIfOlder } from '../images/restore-record.js';
import { runOf } from '../images/run-of.js';
import { isSettled } from '../images/view.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores the record and the job of one image from its entry in staging. */
export async function restoreImage(
  { staging, images, queue, idempotency }: RestoreParts,
  id: string,
  done: RestoreCounts = noCounts(),
  epoch?: number,
): Promise<void> {
  const entry = await staging.entry(id);
  if (entry === null) return;
  let record = await images.recorded(id);
  if (record === null) {
    const recreated = await images.restore(entry.record, epoch);
    if (recreated.isCreated) done.records++;
    record = recreated.record;
    if (record === null) return;
    // A request that is refused meanwhile removes the entry, then the record.
    const isSubmission = recreated.isCreated && isOpen(record) && record.batchId === null;
    if (isSubmission && !(await isThere(staging.layout.submission(id)))) {
      await images.forget(record);
      return;
    }
  } else if (restoreIfOlder(record, entry.record) !== null) {
    const changed = await images.change(id, (current) => restoreIfOlder(current, entry.record), record);
    if (changed.outcome === 'missing') return;
    record = changed.record;
  } else if (epoch !== undefined && isOpen(record) && record.version < firstVersionIn(epoch)) {
    // A response may have contained a later version, which Redis lost. Only its version changes.
    const changed = await images.change(id, (current) => current, record);
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
    await images.settle(record);
  }
}
