import { sleep } from '../runtime/clock.js';
import { createFileErrorSkipper } from '../runtime/file-errors.js';
import { GROUP } from '../runtime/in-groups.js';
import type { Logger } from '../runtime/log.js';
import { resumable } from '../runtime/resumable.js';
import { orUnreadable } from '../runtime/unreadable.js';
import { batchIds, deletionIds, liveIds, outcomeIds, stagedIds } from './files/walk.js';
import { requestDelete } from './records/transitions.js';
import { restoreBatch } from './restore-batch.js';
import { restoreImage } from './restore-image.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** Restores all; after an error, the next call continues where it was interrupted. */
export type Restore = () => Promise<RestoreCounts>;

/**
 * Restores the records and jobs that Redis lost, from the entries in staging, and removes staged files of final images. It
 * changes nothing that Redis still has, so it may run at any time, and twice at once.
 * @param which `live`: only images with a source or an output, since no others can wait for a job
 */
export function openRestore(parts: RestoreParts, which: 'all' | 'live'): Restore {
  const { staging, records, queue, log } = parts;
  const done = noCounts();
  const each = readableOnly(log);
  const imageIds = which === 'all' ? stagedIds : liveIds;

  const batches = resumable(
    () => batchIds(staging.layout),
    (id) => each(id, () => restoreBatch(parts, id, done)),
  );
  const images = resumable(
    () => imageIds(staging.layout),
    (id) => each(id, () => restoreImage(parts, id, done)),
    { atOnce: GROUP },
  );
  const deletions = resumable(
    () => deletionIds(staging.layout),
    (id) =>
      each(id, async () => {
        // The server may have died between the staged request and the record.
        await records.transition(id, requestDelete);
        const owner = (await records.get(id))?.owner ?? (await staging.entry(id))?.record.owner;
        if (owner !== undefined) await queue.delete(id, owner);
      }),
    { atOnce: GROUP },
  );

  return async () => {
    // Batches first: the transitions of their items keep their counts.
    for (const continueWith of [batches, images, deletions]) await continueWith();
    return done;
  };
}

/** Images compared between two rests, each as long as the comparison took: together they take about a tenth of a core's time. */
const BETWEEN_RESTS = 64;

/**
 * Compares final images with Redis, one at a time, and restores those that Redis lacks or has in an earlier state, until
 * `signal` aborts. It takes hours for millions: for a Redis that has the epoch of the last restore, and can lack them only if
 * somebody changed its keys.
 */
export function openSlowRestore(parts: RestoreParts, signal: AbortSignal): Restore {
  const done = noCounts();
  const each = readableOnly(parts.log);
  let compared = 0;
  let workedMs = 0;

  async function compare(id: string): Promise<void> {
    const began = performance.now();
    await each(id, () => restoreImage(parts, id, done));
    workedMs += performance.now() - began;
    if (++compared % BETWEEN_RESTS !== 0) return;
    await sleep(workedMs, signal);
    workedMs = 0;
  }
  const images = resumable(() => outcomeIds(parts.staging.layout), compare, { signal });

  return async () => {
    await images();
    return done;
  };
}

/** A damaged file, or a file of a newer version, must not stop the restore of the others. */
function readableOnly(log: Logger) {
  const skipFileErrors = createFileErrorSkipper(log, 'a restore');
  return async (id: string, work: () => Promise<void>): Promise<void> => {
    const result = await skipFileErrors(id, () => orUnreadable(work));
    if (result === 'unreadable') log.error({ id }, 'its file in staging or its record cannot be read');
  };
}
