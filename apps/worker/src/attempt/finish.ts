import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Detail } from '@pixdock/contract/messages/detail';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inSpan } from '@pixdock/shared/runtime/trace';
import * as endings from '@pixdock/shared/state/images/end-transitions';
import { type StoredError, storedError } from '@pixdock/shared/state/images/stored-error';
import type { AttemptDeps } from '../deps.js';
import { abandon } from './abandon.js';
import { keysOf, removeObjects } from './remove-objects.js';
import { type Attempt, LostImage } from './start-attempt.js';

/** Ends the run as published: all variants are stored and verified. */
export function finishPublished(
  deps: AttemptDeps,
  attempt: Attempt,
  publication: endings.Publication,
): Promise<JobResult> {
  return inSpan('publish', {}, () =>
    finish(deps, attempt, (record, attemptId) =>
      endings.publish(record, attemptId, publication, deps.config.retentionMs),
    ),
  );
}

/** Ends the run as published: the item has become an image that its owner has. */
export async function finishReused(
  deps: AttemptDeps,
  attempt: Attempt,
  reused: Parameters<typeof endings.reuse>[2],
): Promise<JobResult> {
  const remaining = await removeOwnObjects(deps, attempt);
  return finish(deps, attempt, (record, attemptId) =>
    endings.reuse(record, attemptId, reused, remaining, deps.config.retentionMs),
  );
}

/** Ends the run as failed, and removes its objects first. */
export function fail(
  deps: AttemptDeps,
  attempt: Attempt,
  code: ErrorCode,
  detail?: Detail,
): Promise<JobResult> {
  return failWith(deps, attempt, storedError(code, detail));
}

/** Like `fail`, with the error of another image. */
export async function failWith(deps: AttemptDeps, attempt: Attempt, error: StoredError): Promise<JobResult> {
  const remaining = await removeOwnObjects(deps, attempt);
  return finish(deps, attempt, (record, attemptId) =>
    endings.fail(record, attemptId, error, remaining, deps.config.retentionMs),
  );
}

/** Removes objects that the run may have stored, and returns the keys of those that could not be removed. */
async function removeOwnObjects({ store, config }: AttemptDeps, attempt: Attempt): Promise<string[]> {
  // The objects may belong to a newer attempt, or to an earlier one that published the image.
  if (!(await attempt.isCurrent())) throw new LostImage();
  return removeObjects(store, keysOf(attempt.record, config));
}

/** Ends the run in the record, then in staging. */
async function finish(
  deps: AttemptDeps,
  attempt: Attempt,
  transition: Parameters<Attempt['change']>[0],
): Promise<JobResult> {
  const { images, staging, events } = deps;
  await attempt.change(transition);
  events.imageFinished(attempt.record);
  faultpoint('run-finished');
  await staging.writeOutcome(attempt.record);
  faultpoint('run-settled');
  // Redis may have lost the record since then, and another attempt may have ended the image.
  const version = await images.version(attempt.record.id);
  return version === attempt.record.version ? { outcome: 'done' } : abandon(deps, attempt);
}
