import { PixdockError } from '@pixdock/contract/error';
import { StorageFault } from '@pixdock/object-store/types';
import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import * as attempts from '@pixdock/shared/state/images/attempt-transitions';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import type { AttemptDeps } from '../deps.js';
import { abandon } from './abandon.js';
import { delay, requeue } from './delay.js';
import { fail } from './finish.js';
import { isServiceFault } from './service-fault.js';
import { type Attempt, LostImage } from './start-attempt.js';

/** Decides whether an image fails, waits or is tried again after its attempt threw. */
export async function handleError(
  deps: AttemptDeps,
  attempt: Attempt,
  error: unknown,
  context: JobContext,
): Promise<JobResult> {
  try {
    return await decide(deps, attempt, error, context);
  } catch (late) {
    // Lost between the failure and its record.
    if (late instanceof LostImage) return abandon(deps, attempt);
    throw late;
  }
}

async function decide(
  deps: AttemptDeps,
  attempt: Attempt,
  error: unknown,
  { signal, lastTry }: JobContext,
): Promise<JobResult> {
  const { events } = deps;
  const { id } = attempt.record;
  // An attempt that lost its image ignores its own errors.
  if (error instanceof LostImage || !(await attempt.isCurrent())) return abandon(deps, attempt);
  if (signal.aborted) return requeue(attempt);
  if (error instanceof PixdockError) return fail(deps, attempt, error.code, error.detail);
  if (error instanceof StorageFault && error.facts.kind === 'rejected') {
    events.objectRefused(id, error.facts);
    return fail(deps, attempt, 'storage_denied');
  }
  if (isServiceFault(error)) {
    if (!(error instanceof StorageFault)) events.delayed({ id }, error);
    return delay(deps, attempt, error);
  }
  events.attemptFailed(id, error, lastTry);
  if (lastTry) return fail(deps, attempt, 'processing_crashed');
  const retry = { error: storedError('processing_crashed'), afterMs: null };
  await attempt.change((record, attemptId) => attempts.retryLater(record, attemptId, retry));
  throw error;
}
