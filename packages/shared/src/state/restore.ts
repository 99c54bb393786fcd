import { sleep } from '../runtime/clock.js';
import { createFileErrorSkipper } from '../runtime/file-errors.js';
import { inGroups } from '../runtime/in-groups.js';
import type { Logger } from '../runtime/log.js';
import { orUnreadable } from '../runtime/unreadable.js';
import { batchIds, deletionIds, liveIds, outcomeIds, stagedIds } from './files/walk.js';
import { requestDelete } from './records/transitions.js';
import { restoreBatch } from './restore-batch.js';
import { restoreImage } from './restore-image.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/**
 * Restores the records and jobs that Redis lost, from the entries in staging, and removes staged files of final images. It
 * changes nothing that Redis still has, so it may run at any time, and twice at once.
 * @param which `live`: only images with a source or an output, since no others can wait for a job
 */
export async function restore(parts: RestoreParts, which: 'all' | 'live'): Promise<RestoreCounts> {
  const { staging, records, queue, log } = parts;
  const done = noCounts();
  const each = readableOnly(log);

  // Batches first: the transitions of their items keep their counts.
  for await (const id of batchIds(staging.layout)) await each(id, () => restoreBatch(parts, id, done));
  const ids = which === 'all' ? stagedIds(staging.layout) : liveIds(staging.layout);
  await inGroups(ids, (id) => each(id, () => restoreImage(parts, id, done)));
  await inGroups(deletionIds(staging.layout), (id) =>
    each(id, async () => {
      // The server may have died between the staged request and the record.
      await records.transition(id, requestDelete);
      const owner = (await records.get(id))?.owner ?? (await staging.entry(id))?.record.owner;
      if (owner !== undefined) await queue.delete(id, owner);
    }),
  );
  return done;
}

/** Images compared between two rests, each as long as the comparison took: together they take about a tenth of a core's time. */
const BETWEEN_RESTS = 64;

/** Restores until all images are compared or `signal` aborts. After an error, the next call continues at the same image. */
export type SlowRestore = (signal: AbortSignal) => Promise<RestoreCounts>;

/**
 * Compares final images with Redis, one at a time, and restores those that Redis lacks or has in an earlier state. It takes
 * hours for millions: for a Redis that has the epoch of the last restore, and can lack them only if somebody changed its keys.
 */
export function openSlowRestore(parts: RestoreParts): SlowRestore {
  const done = noCounts();
  const each = readableOnly(parts.log);
  let ids = outcomeIds(parts.staging.layout);
  /** The id whose comparison has not ended. */
  let current: string | null = null;
  let compared = 0;

  async function next(): Promise<string | null> {
    try {
      return current ?? (await ids.next()).value ?? null;
    } catch (error) {
      // An iterator that has thrown only ends.
      ids = outcomeIds(parts.staging.layout);
      throw error;
    }
  }

  return async (signal) => {
    let began = performance.now();
    while (!signal.aborted) {
      const id = await next();
      if (id === null) break;
      current = id;
      await each(id, () => restoreImage(parts, id, done));
      current = null;
      if (++compared % BETWEEN_RESTS !== 0) continue;
      await sleep(performance.now() - began, signal);
      began = performance.now();
    }
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
