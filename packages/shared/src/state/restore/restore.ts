import { sleep } from '../../runtime/clock.js';
import { createFileErrorSkipper } from '../../runtime/file-errors.js';
import { GROUP } from '../../runtime/in-groups.js';
import type { Logger } from '../../runtime/log.js';
import { resumable } from '../../runtime/resumable.js';
import { orUnreadable } from '../../runtime/unreadable.js';
import { requestDelete } from '../images/transitions.js';
import type { StagedOutcome } from '../staging.js';
import { restoreBatch } from './restore-batch.js';
import { restoreEntry, restoreImage } from './restore-image.js';
import { noCounts, type RestoreCounts, type RestoreParts } from './restore-parts.js';

/** `recent` ones are of the last day: with them, a repeated request finds the image that it created. */
export type OutcomeAge = 'recent' | 'older';

/** Restores everything in order; after an error, the next call continues where it was interrupted. */
export interface Restore {
  /** Everything that waits for a job: all batches, the images with files in `live`, and the requested deletions. */
  restoreWaiting(): Promise<void>;
  /** The outcomes of one of OUTCOME_PARTS: the recent ones, or all others. */
  restoreOutcomes(part: string, age: OutcomeAge): Promise<void>;
  readonly counts: RestoreCounts;
}

/** A claim is kept for a day, from the submission on. An hour more, since the clocks of hosts may differ. */
const RECENT_MS = 25 * 3600_000;

/**
 * Restores the records and jobs that Redis lost, from the entries in staging, and removes staged files of final images. It
 * changes nothing that Redis still has, so it may run at any time, and twice at once.
 * @param inEpoch the only epoch in which anything is restored
 * @throws EpochEnded
 */
export function beginRestore(parts: RestoreParts, inEpoch?: number): Restore {
  const { staging, images, queue, log } = parts;
  const counts = noCounts();
  const each = readableOnly(log);
  const since = Date.now() - RECENT_MS;
  /** The retries and deletions that are later than an outcome wait in staging, and come before. */
  const outcomesOf = (part: string, age: OutcomeAge) =>
    resumable(
      () => staging.outcomes(part),
      ({ id, writtenAt, entry }) =>
        each(id, async () => {
          const isRecent = ((await writtenAt()) ?? 0) >= since;
          if (isRecent === (age === 'recent')) await restoreEntry(parts, await entry(), counts, inEpoch);
        }),
      { atOnce: GROUP },
    );
  const begun = new Map<string, () => Promise<void>>();

  const batches = resumable(
    () => staging.batches.ids(),
    (id) => each(id, () => restoreBatch(parts, id, counts, inEpoch)),
  );
  const live = resumable(
    () => staging.live(),
    (id) => each(id, () => restoreImage(parts, id, counts, inEpoch)),
    { atOnce: GROUP },
  );
  const deletions = resumable(
    () => staging.deletions(),
    (id) =>
      each(id, async () => {
        await restoreImage(parts, id, counts, inEpoch);
        // The server may have died between the staged request and the record.
        const requested = await images.change(id, requestDelete);
        const { owner } =
          (requested.outcome === 'missing' ? (await staging.entry(id))?.record : requested.record) ?? {};
        if (owner !== undefined) await queue.delete(id, owner);
      }),
    { atOnce: GROUP },
  );
  return {
    counts,
    async restoreWaiting() {
      // Batches first: the transitions of their items keep their counts.
      for (const continueWith of [batches, live, deletions]) await continueWith();
    },
    async restoreOutcomes(part, age) {
      const name = `${age} ${part}`;
      const restoreThem = begun.get(name) ?? outcomesOf(part, age);
      begun.set(name, restoreThem);
      await restoreThem();
    },
  };
}

/** Images compared between two rests, each as long as the comparison took: together they take about a tenth of a core's time. */
const BETWEEN_RESTS = 64;

/**
 * Compares final images with Redis, one at a time, and restores those that Redis lacks or has in an earlier state, until
 * `signal` aborts. It takes hours for millions: for a Redis that has the epoch of the last restore, and can lack them only if
 * somebody changed its keys.
 */
export function beginComparison(parts: RestoreParts, signal: AbortSignal): () => Promise<RestoreCounts> {
  const done = noCounts();
  const each = readableOnly(parts.log);
  let compared = 0;
  let workedMs = 0;

  async function compare({ id, entry }: StagedOutcome): Promise<void> {
    const began = performance.now();
    await each(id, async () => restoreEntry(parts, await entry(), done));
    workedMs += performance.now() - began;
    if (++compared % BETWEEN_RESTS !== 0) return;
    await sleep(workedMs, signal);
    workedMs = 0;
  }
  const images = resumable(() => parts.staging.outcomes(), compare, { signal });

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
