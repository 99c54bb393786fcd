import type { Stage } from '@pixdock/contract/image';
import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { type ImageRecord, isOpen } from '@pixdock/shared/state/images/image-record';
import { handleError } from '../attempt/handle-error.js';
import { type Attempt, startAttempt } from '../attempt/start-attempt.js';
import { closeAfterLastItem } from '../batches/close-batch.js';
import type { AttemptDeps, Needs } from '../deps.js';

/**
 * Starts an attempt at the image, and ends it however `act` ends. The job comes again at once if the record has changed since
 * it was read.
 * @param act gets a signal that also aborts when the attempt loses its image
 */
export async function withAttempt(
  deps: AttemptDeps & Needs<'batches' | 'lossWatch'>,
  record: ImageRecord,
  stage: Stage,
  context: JobContext,
  act: (attempt: Attempt, context: JobContext) => Promise<JobResult>,
): Promise<JobResult> {
  const attempt = await startAttempt(deps, record, stage);
  if (attempt === null) return { outcome: 'again', afterMs: 0 };
  using watched = deps.lossWatch.follow(attempt, context.signal);
  const result = await act(attempt, { ...context, signal: watched.signal }).catch((error) =>
    handleError(deps, attempt, error, context),
  );
  if (!isOpen(attempt.record)) await closeAfterLastItem(deps, attempt.record.batchId);
  return result;
}
