import type { JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inSpan } from '@pixdock/shared/runtime/trace';
import * as endings from '@pixdock/shared/state/records/end-transitions';
import { type CloseDeps, closeAfterLastItem } from '../batches/close-batch.js';
import { type AbandonDeps, abandon } from './abandon.js';
import type { Attempt } from './start-attempt.js';

export type FinishDeps = AbandonDeps & CloseDeps;

/** Ends the run as published: all variants are stored and verified. */
export function finishPublished(
  deps: FinishDeps,
  attempt: Attempt,
  publication: endings.Publication,
): Promise<JobResult> {
  return inSpan('publish', {}, () =>
    finish(deps, attempt, (record, attemptId) =>
      endings.publish(record, attemptId, publication, deps.config.retentionMs),
    ),
  );
}

/** Ends the run in the record, then in staging. */
export async function finish(
  deps: FinishDeps,
  attempt: Attempt,
  transition: Parameters<Attempt['change']>[0],
): Promise<JobResult> {
  const { records, staging, events } = deps;
  await attempt.change(transition);
  events.imageFinished(attempt.record);
  faultpoint('run-finished');
  await staging.settle(attempt.record);
  faultpoint('run-settled');
  await closeAfterLastItem(deps, attempt.record.batchId);
  // Redis may have lost the record since then, and another attempt may have ended the image.
  const version = await records.version(attempt.record.id);
  return version === attempt.record.version ? { outcome: 'done' } : abandon(deps, attempt);
}
