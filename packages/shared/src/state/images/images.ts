import { isSettled } from '@pixdock/contract/status';
import { nowMs } from '../../runtime/clock.js';
import type { Batches } from '../batches/batches.js';
import type { Staging } from '../staging.js';
import { type ImageRecord, isDeleted } from './image-record.js';
import { type ImageReads, noticeLoss, openImageReads } from './read-images.js';
import type { Records, TransitionResult } from './records.js';
import { type ImageRestores, openImageRestores } from './restore-staged.js';
import { retry } from './transitions.js';

/**
 * The images, wherever their records are: in Redis, or in staging while Redis lacks them. An item of a batch has no record
 * until something happens to it. Lists, look-ups and counts see what Redis has. How to read images:
 *
 * | method           | file              | reads staging             | writes records | for                                             |
 * |------------------|-------------------|---------------------------|----------------|-------------------------------------------------|
 * | `read`           | record-reader.ts  | no                        | no             | polls, which must be cheap                      |
 * | `inRedis`        | read-images.ts    | no                        | no             | jobs and checks, where an older state is enough |
 * | `get`, `ofBatch` | read-images.ts    | while Redis may be behind | no             | responses and checks that need the newest state |
 * | `ofObject`       | read-images.ts    | no                        | no             | an image without a record, from its object      |
 * | `restoreLost`    | restore-staged.ts | while Redis may be behind | yes            | a change that depends on the state              |
 * | `restoreNewer`   | restore-staged.ts | always                    | yes            | an attempt, before it begins or ends a run      |
 * | `restoreEntry`   | restore-staged.ts | before it is called       | yes            | the restore                                     |
 *
 * A poll shows an earlier state while the restore has not reached an image that Redis set back: the client reads it again. All but
 * `read` and `inRedis` begin the epoch of a loss of Redis that no process has noticed.
 */
export interface Images
  extends Omit<Records, 'get' | 'getMany' | 'epoch'>,
    Omit<ImageReads, 'inStaging'>,
    Omit<ImageRestores, 'createItem'> {
  /** Creates a record unless Redis has one. The record that Redis has then; null if its batch accepts no records any more. */
  createOrRead(record: ImageRecord): Promise<ImageRecord | null>;
  /**
   * Changes an image, and creates its record first if it has none.
   * A caller that has read the record from Redis calls `transition`, which restores nothing.
   * @param change gets the current record and returns the new one, or null to refuse; called again after a concurrent change
   */
  change(id: string, change: (record: ImageRecord) => ImageRecord | null): Promise<TransitionResult>;
  /**
   * Starts the next run of a failed image, first in staging, and then in Redis: a loss of Redis does not undo it. The caller
   * checks that the image has a source, and enqueues the run.
   * @param record the newest state of the image
   */
  startNextRun(record: ImageRecord): Promise<TransitionResult>;
  /**
   * How long a put without a response, or of an attempt from before a loss of Redis, may still store an object of the image, in
   * ms; 0 if there was none.
   * @param putMs how long a put takes at most
   */
  latePutsMs(record: ImageRecord, putMs: number): Promise<number>;
  /** Writes the outcome of a settled image to staging, and that of a deletion which ends in the meantime. */
  writeOutcome(record: ImageRecord): Promise<void>;
}

interface Parts {
  records: Records;
  batches: Pick<Batches, 'get' | 'inRedis' | 'restore'>;
  staging: Staging;
}

export function openImages(parts: Parts): Images {
  const { records, staging } = parts;
  const { epoch } = records;
  const reads = openImageReads(parts);
  const restores = openImageRestores(parts, reads);

  async function writeOutcome(record: ImageRecord): Promise<void> {
    for (let written = record; ; ) {
      await staging.writeOutcome(written);
      const newest = await records.get(record.id);
      if (newest === null || newest.version === written.version || !isSettled(newest)) return;
      written = newest;
    }
  }

  return {
    ...records,
    ...reads,
    ...restores,

    createOrRead: async (record) => ((await records.create(record)) ? record : records.get(record.id)),

    async change(id, change) {
      if (await noticeLoss(epoch)) await restores.restoreLost(id);
      const changed = await records.transition(id, change);
      if (changed.outcome !== 'missing') return changed;
      if ((await restores.restoreLost(id)) === null) await restores.createItem(id);
      return records.transition(id, change);
    },

    async startNextRun(record) {
      const next = retry(record);
      if (next === null) return { outcome: 'refused', record };
      // A deletion is removing the files.
      if (!(await staging.resubmit(next))) return records.transition(record.id, () => null);
      const changed = await records.transition(record.id, retry, record);
      // A deletion ended meanwhile.
      if (changed.outcome === 'refused' && isDeleted(changed.record)) await writeOutcome(changed.record);
      return changed;
    },

    async latePutsMs({ internal: { keysLost, unansweredPutAt } }, putMs) {
      const sinceLossMs = keysLost ? await epoch.age() : putMs;
      const sincePutMs =
        unansweredPutAt === null ? putMs : Math.max(0, nowMs() - Date.parse(unansweredPutAt));
      return Math.max(0, putMs - Math.min(sinceLossMs, sincePutMs));
    },

    writeOutcome,
  };
}
