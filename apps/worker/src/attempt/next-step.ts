import type { ErrorCode } from '@pixdock/contract/error-table';
import { isSettled } from '@pixdock/contract/status';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { CircuitBreaker } from '../admission/circuit-breaker.js';
import type { Output } from './output.js';

/** The state of an image's files in staging, which decides its next step. */
export type OnDisk =
  /** Rendered by an earlier attempt that could not put it. */
  | { has: 'output'; output: Output }
  | { has: 'source' }
  /** Only where the source comes from: it is still to be fetched, or to be fetched again. */
  | { has: 'origin' }
  | { has: 'nothing' }
  /** No space for an output that OSS does not take now. */
  | { has: 'no space' };

export type Step =
  | AttemptStep
  /** Wait until the source is fetched. */
  | { next: 'awaitSource' }
  /** The image is final: leave no files, and no objects of a canceled image. */
  | { next: 'settle' }
  /** The image is not for this job. */
  | { next: 'stop' };

/** A step that only one job may take at a time. */
export type AttemptStep =
  | { next: 'render' }
  | { next: 'put'; output: Output }
  /** Wait until OSS works again. */
  | { next: 'delay' }
  | { next: 'fail'; code: ErrorCode };

/** Decides what a job does next for one run of an image. */
export function nextStep(
  record: ImageRecord,
  run: number,
  disk: OnDisk,
  breaker: ReturnType<CircuitBreaker['state']>,
): Step {
  if (isSettled(record)) return { next: 'settle' };
  if (record.run !== run || record.deleteRequestedAt !== null) return { next: 'stop' };
  if (killsWorkers(record)) return { next: 'fail', code: 'processing_crashed' };
  switch (disk.has) {
    case 'output':
      return breaker === 'open' ? { next: 'delay' } : { next: 'put', output: disk.output };
    case 'source':
      return { next: 'render' };
    case 'origin':
      return { next: 'awaitSource' };
    case 'no space':
      return { next: 'delay' };
    case 'nothing':
      return { next: 'fail', code: 'source_lost' };
  }
}

/** Deploys and OOM kills end a worker now and then. An image that was in progress at five such ends probably caused them. */
const MAX_DEATHS = 5;
/** An image that was in progress in so many workers when they died may be the cause. */
const SUSPECT_DEATHS = 2;

/** Whether the image has killed so many workers that it must not be decoded again. */
export const killsWorkers = (record: ImageRecord): boolean => deathsOf(record) >= MAX_DEATHS;

/** Whether an image must be the only one in its worker, so that it takes no other image down with it. */
export const isSuspect = (record: ImageRecord): boolean =>
  deathsOf(record) >= SUSPECT_DEATHS && !killsWorkers(record);

/** Workers that died with the image in progress. A token in the record is that of one that died and is not counted yet. */
const deathsOf = ({ internal }: ImageRecord): number =>
  internal.deaths + (internal.attemptToken === null ? 0 : 1);
