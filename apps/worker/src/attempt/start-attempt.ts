import { randomUUID } from 'node:crypto';
import type { Stage } from '@pixdock/contract/image';
import { isoTime } from '@pixdock/shared/runtime/clock';
import {
  type AttemptId,
  begin,
  catchUpStages,
  isCurrent,
  type StageEntry,
} from '@pixdock/shared/state/records/attempt-transitions';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { Records } from '@pixdock/shared/state/records/records';
import { LostImage } from './lost-image.js';

/** Deploys and OOM kills end a worker now and then. An image that was in progress at five such ends probably caused them. */
export const MAX_DEATHS = 5;

/** Whether the image has killed so many workers that it must not be decoded again. */
export const killsWorkers = ({ internal }: ImageRecord): boolean => internal.deaths >= MAX_DEATHS;

type Transition = (record: ImageRecord, attemptId: AttemptId) => ImageRecord | null;

/** An attempt that has begun. */
export interface Attempt {
  /** The record after the latest change of this attempt. */
  readonly record: ImageRecord;
  /** Names this attempt in the record. */
  readonly id: AttemptId;
  /** When it began to put its output, by `performance.now()`; 0 before. */
  putBeganAt: number;
  /**
   * Changes the record, one change after the other.
   * @throws LostImage once the attempt is no longer current
   */
  change(transition: Transition): Promise<void>;
  /** Enters a stage with the next change, or alone if that does not follow soon. */
  enter(stage: Stage): void;
  /** Whether neither a later attempt nor a deletion has taken the image over. */
  isCurrent(): Promise<boolean>;
}

type Started =
  | { outcome: 'started'; attempt: Attempt }
  /** The record does not permit an attempt at this run. */
  | { outcome: 'refused'; record: ImageRecord }
  | { outcome: 'missing' };

/**
 * @param mayStart a condition on the record, in addition to being open for this run
 * @param known the record as last read, to save a read
 */
export async function startAttempt(
  records: Pick<Records, 'get' | 'transition'>,
  { imageId, run }: { imageId: string; run: number },
  stage: Stage,
  mayStart: (record: ImageRecord) => boolean = () => true,
  known?: ImageRecord,
): Promise<Started> {
  const attemptId = { run, token: randomUUID() };
  const start = (record: ImageRecord) => (mayStart(record) ? begin(record, attemptId, stage) : null);
  // Only the current record may refuse the attempt.
  const begun = await records.transition(
    imageId,
    start,
    known !== undefined && start(known) ? known : undefined,
  );
  return begun.outcome === 'changed'
    ? { outcome: 'started', attempt: openAttempt(records, begun.record, attemptId) }
    : begun;
}

/** Most images pass through a decoder in this time, so that one change enters several stages. */
const SOON_MS = 200;

function openAttempt(
  records: Pick<Records, 'get' | 'transition'>,
  begun: ImageRecord,
  attemptId: AttemptId,
): Attempt {
  let record = begun;
  let changes: Promise<unknown> = Promise.resolve();
  let entered: StageEntry[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** @param transition null for the entered stages alone */
  function change(transition: Transition | null): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const changed = changes.then(async () => {
      const stages = entered;
      if (transition === null && stages.length === 0) return;
      const transitionWithStages = (current: ImageRecord) => {
        const reached = stages.length === 0 ? current : catchUpStages(current, attemptId, stages);
        return reached === null || transition === null ? reached : transition(reached, attemptId);
      };
      const result = await records.transition(record.id, transitionWithStages, record);
      if (result.outcome !== 'changed') throw new LostImage();
      entered = entered.slice(stages.length);
      record = result.record;
    });
    changes = changed.catch(() => {});
    return changed;
  }

  return {
    id: attemptId,
    putBeganAt: 0,
    get record() {
      return record;
    },
    change,
    enter(stage) {
      entered = [...entered, { stage, at: isoTime() }];
      // If Redis does not respond, the next change tries again.
      timer ??= setTimeout(() => void change(null).catch(() => {}), SOON_MS);
    },
    async isCurrent() {
      const current = await records.get(record.id);
      return current !== null && isCurrent(current, attemptId);
    },
  };
}
