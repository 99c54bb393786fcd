import { randomUUID } from 'node:crypto';
import type { Stage } from '@pixdock/contract/image';
import { isoTime } from '@pixdock/shared/runtime/clock';
import * as attempts from '@pixdock/shared/state/images/attempt-transitions';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { Parts } from '../deps.js';

/** This attempt is no longer current: another attempt or a deletion has the image. */
export class LostImage extends Error {
  override readonly name = 'LostImage';
}

type Transition = (record: ImageRecord, attemptId: attempts.AttemptId) => ImageRecord | null;

/** Starts an attempt at the current run; null if the record has changed since it was read, so that the decision to start is old. */
export async function startAttempt(
  parts: Parts<'images'>,
  record: ImageRecord,
  stage: Stage,
): Promise<Attempt | null> {
  const attemptId = { run: record.run, token: randomUUID() };
  const start = (current: ImageRecord) =>
    current.version === record.version ? attempts.begin(current, attemptId, stage) : null;
  const begun = await parts.images.transition(record.id, start, record);
  return begun.outcome === 'changed' ? openAttempt(parts, begun.record, attemptId) : null;
}

/** Most images pass through a decoder in this time, so that one change enters several stages. */
const SOON_MS = 200;

/** An attempt that has begun. */
function openAttempt({ images }: Parts<'images'>, begun: ImageRecord, attemptId: attempts.AttemptId) {
  let record = begun;
  let changes: Promise<unknown> = Promise.resolve();
  let entered: attempts.StageEntry[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** @param transition null for the entered stages alone */
  function change(transition: Transition | null): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const changed = changes.then(async () => {
      const stages = entered;
      if (transition === null && stages.length === 0) return;
      const transitionWithStages = (current: ImageRecord) => {
        const reached = stages.length === 0 ? current : attempts.catchUpStages(current, attemptId, stages);
        return reached === null || transition === null ? reached : transition(reached, attemptId);
      };
      const result = await images.transition(record.id, transitionWithStages, record);
      if (result.outcome !== 'changed') throw new LostImage();
      entered = entered.slice(stages.length);
      record = result.record;
    });
    changes = changed.catch(() => {});
    return changed;
  }

  return {
    /** Names this attempt in the record. */
    id: attemptId,
    /** The record after the latest change of this attempt. */
    get record(): ImageRecord {
      return record;
    },
    /**
     * Changes the record, one change after the other.
     * @throws LostImage once the attempt is no longer current
     */
    change,
    /** Enters a stage with the next change, or alone if that does not follow soon. */
    enter(stage: Stage): void {
      entered = [...entered, { stage, at: isoTime() }];
      // If Redis does not respond, the next change tries again.
      timer ??= setTimeout(() => void change(null).catch(() => {}), SOON_MS);
    },
    /** Whether neither a later attempt nor a deletion has taken the image over. */
    async isCurrent(): Promise<boolean> {
      const current = await images.get(record.id);
      return current !== null && attempts.isCurrent(current, attemptId);
    },
  };
}

export type Attempt = ReturnType<typeof openAttempt>;
