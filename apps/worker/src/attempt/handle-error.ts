import { PixdockError } from '@pixdock/contract/error';
import { StorageFault } from '@pixdock/object-store/types';
import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { asError } from '@pixdock/shared/runtime/as-error';
import type { WorkerDeps } from '../deps.js';
import { LostImage } from '../publish/put.js';
import type { AttemptInHand } from './attempt.js';
import { isServiceFault } from './service-fault.js';

/** What becomes of an image, and of its job, after its attempt threw. */
export function afterFailure(
  deps: WorkerDeps,
  attempt: AttemptInHand,
  error: unknown,
  context: JobContext,
): Promise<JobResult> {
  return decide(deps, attempt, error, context).catch((late) => {
    // Lost between its failure and saying so.
    if (late instanceof LostImage) return attempt.letGo();
    throw late;
  });
}

async function decide(
  { gate, log }: WorkerDeps,
  attempt: AttemptInHand,
  error: unknown,
  { signal, lastTry }: JobContext,
): Promise<JobResult> {
  const { id } = attempt.record;
  // Whatever went wrong for an attempt that lost its image is no longer its business.
  if (error instanceof LostImage || !(await attempt.isHeld())) return attempt.letGo();
  if (signal.aborted) return attempt.handBack();
  if (error instanceof PixdockError) return attempt.fail(error.code, error.detail);
  if (error instanceof StorageFault && error.facts.kind === 'rejected') {
    log.error({ id, ...error.facts }, 'OSS refuses this object');
    return attempt.fail('storage_denied');
  }
  if (isServiceFault(error)) {
    if (error instanceof StorageFault) gate.failed(error);
    else log.warn({ err: error, id }, 'held back by a fault of this machine');
    return attempt.hold(error);
  }
  log.error({ err: asError(error), id, lastTry }, 'unexpected failure');
  if (lastTry) return attempt.fail('processing_crashed');
  await attempt.handBack();
  throw error;
}
