import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Detail } from '@pixdock/contract/messages/detail';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import * as endings from '@pixdock/shared/state/records/end-transitions';
import { catchUp } from '@pixdock/shared/state/records/restore-record';
import { type StoredError, storedError } from '@pixdock/shared/state/records/stored-error';
import type { Parts } from '../deps.js';
import { keysOf, removeObjects } from '../publish/remove-objects.js';
import { type FinishDeps, finish } from './finish.js';
import { LostImage } from './lost-image.js';
import type { Attempt } from './start-attempt.js';

/** Ends the run as failed, and removes its objects first. */
export function fail(
  deps: FinishDeps,
  attempt: Attempt,
  code: ErrorCode,
  detail?: Detail,
): Promise<JobResult> {
  return failWith(deps, attempt, storedError(code, detail));
}

/** Like `fail`, with the error of another image. */
export async function failWith(deps: FinishDeps, attempt: Attempt, error: StoredError): Promise<JobResult> {
  // The objects may belong to a newer attempt, or to an earlier one that published the image.
  if (!(await attempt.isCurrent()) || (await hasEndedBefore(deps, attempt))) throw new LostImage();
  const { store, config } = deps;
  const remaining = await removeObjects(store, keysOf(attempt.record, config));
  return finish(deps, attempt, (record, attemptId) =>
    endings.fail(record, attemptId, error, remaining, config.retentionMs),
  );
}

/** Whether an earlier attempt has ended the run, and Redis has lost that. */
async function hasEndedBefore(
  { records, staging }: Parts<'records' | 'staging'>,
  { record: { id, internal } }: Attempt,
): Promise<boolean> {
  const staged = internal.keysLost ? await staging.ownEntry(id) : null;
  if (staged === null) return false;
  const changed = await records.transition(id, (current) => catchUp(current, staged.record));
  return changed.outcome === 'changed';
}
