import { randomUUID } from 'node:crypto';
import type { Stage } from '@pixdock/contract/image';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { Records } from '@pixdock/shared/state/records/records';
import { type Attempt as AttemptMark, begin, holds } from '@pixdock/shared/state/records/transitions';
import { LostImage } from './lost-image.js';

/** Deploys and OOM kills end a worker now and then. An image that was in progress each time is the cause. */
export const MAX_DEATHS = 5;

/** Whether the image has killed so many workers that it must not be decoded again. */
export const killsWorkers = ({ internal }: ImageRecord): boolean => internal.deaths >= MAX_DEATHS;

type Transition = (record: ImageRecord, mark: AttemptMark) => ImageRecord | null;

/** An attempt that holds its image. */
export interface Attempt {
  /** The record after the latest change of this attempt. */
  readonly record: ImageRecord;
  /** Names this attempt in the record. */
  readonly mark: AttemptMark;
  /**
   * Changes the record, one change after the other.
   * @throws LostImage once another attempt or a deletion has the image
   */
  change(transition: Transition): Promise<void>;
  isHeld(): Promise<boolean>;
}

type Started =
  | { outcome: 'started'; attempt: Attempt }
  /** The record does not permit an attempt at this run. */
  | { outcome: 'refused'; record: ImageRecord }
  | { outcome: 'missing' };

/** @param mayStart what the record must be, apart from open for this run */
export async function startAttempt(
  records: Pick<Records, 'get' | 'move'>,
  { imageId, run }: { imageId: string; run: number },
  stage: Stage,
  mayStart: (record: ImageRecord) => boolean = () => true,
): Promise<Started> {
  const mark = { run, holder: randomUUID() };
  const begun = await records.move(imageId, (record) =>
    mayStart(record) ? begin(record, mark, stage) : null,
  );
  return begun.outcome === 'moved'
    ? { outcome: 'started', attempt: openAttempt(records, begun.record, mark) }
    : begun;
}

function openAttempt(records: Pick<Records, 'get' | 'move'>, begun: ImageRecord, mark: AttemptMark): Attempt {
  let record = begun;
  let changes: Promise<unknown> = Promise.resolve();
  return {
    mark,
    get record() {
      return record;
    },
    change(transition) {
      const changed = changes.then(async () => {
        const moved = await records.move(record.id, (current) => transition(current, mark), record);
        if (moved.outcome !== 'moved') throw new LostImage();
        record = moved.record;
      });
      changes = changed.catch(() => {});
      return changed;
    },
    async isHeld() {
      const current = await records.get(record.id);
      return current !== null && holds(current, mark);
    },
  };
}
