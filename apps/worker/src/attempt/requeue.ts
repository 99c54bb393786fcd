import type { JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import * as transitions from '@pixdock/shared/state/records/attempt-transitions';
import * as fetches from '@pixdock/shared/state/records/fetch-transitions';
import { runOf } from '@pixdock/shared/state/records/run-of';
import type { StoredError } from '@pixdock/shared/state/records/stored-error';
import type { Parts } from '../deps.js';
import type { Attempt } from './start-attempt.js';

/** Returns an image to its queue unchanged, because the worker stops or another owner is first. */
export async function requeue(attempt: Attempt): Promise<JobResult> {
  await attempt.change(transitions.release);
  return { outcome: 'again', afterMs: 0 };
}

/** Moves an image, whose source is in staging now, to the queue for decoding. */
export async function requeueFetched(
  { queue }: Parts<'queue'>,
  attempt: Attempt,
  source: fetches.FetchedSource,
): Promise<JobResult> {
  await attempt.change((record, attemptId) => fetches.fetched(record, attemptId, source));
  faultpoint('fetch-handed-over');
  await queue.enqueue(runOf(attempt.record));
  return { outcome: 'done' };
}

/** Requeues an image to fetch its source later, when the host may have recovered. */
export async function fetchLater(attempt: Attempt, error: StoredError, afterMs: number): Promise<JobResult> {
  await attempt.change((record, attemptId) => fetches.fetchLater(record, attemptId, { error, afterMs }));
  return { outcome: 'again', afterMs };
}
