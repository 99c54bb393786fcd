import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { isEnding } from '@pixdock/shared/state/batches/batch-state';
import type { FailureRetryState } from '@pixdock/shared/state/failures/failure-retries';
import { enqueueNextRun } from '@pixdock/shared/state/images/run-of';
import type { Parts } from '../deps.js';

/** Images per pass, so that the job leaves its slot to other jobs after a fraction of a second. */
const IMAGES_PER_PASS = 100;

type Deps = Parts<'failures' | 'failureRetries' | 'images' | 'staging' | 'batches' | 'queue'>;

/**
 * Gives failed images of an owner their next run, pass after pass. An image that failed after the request has failed again,
 * and stays.
 */
export function retryFailures(deps: Deps, perPass = IMAGES_PER_PASS): JobHandlers['retry-failures'] {
  const { failures, failureRetries } = deps;
  return async ({ retryId }, { signal }) => {
    const request = await failureRetries.get(retryId);
    if (request?.status !== 'running') return { outcome: 'done' };
    if (signal.aborted) return { outcome: 'again', afterMs: 0 };
    const step = await failures.step(request.owner, request, lastMsOf(request), request.position, perPass);
    const retried = await retryAll(deps, step.ids, request);
    await failureRetries.save({
      ...request,
      status: step.next === null ? 'finished' : 'running',
      retried: request.retried + retried,
      skipped: request.skipped + step.ids.length - retried,
      position: step.next,
    });
    return step.next === null ? { outcome: 'done' } : { outcome: 'again', afterMs: 0 };
  };
}

/** Returns how many images have a next run. */
async function retryAll(deps: Deps, ids: readonly string[], request: FailureRetryState): Promise<number> {
  let retried = 0;
  await inGroups(ids, async (id) => {
    if (await retryImage(deps, id, request)) retried++;
  });
  return retried;
}

async function retryImage(deps: Deps, id: string, request: FailureRetryState): Promise<boolean> {
  const { images, staging, batches } = deps;
  const record = await images.restoreLost(id);
  if (record?.status !== 'failed' || record.owner !== request.owner) return false;
  if (record.finishedAt > isoTime(lastMsOf(request))) return false;
  const batch = record.batchId === null ? null : await batches.inRedis(record.batchId);
  if ((batch !== null && isEnding(batch)) || !(await staging.hasSource(record))) return false;
  const started = await images.startNextRun(record);
  if (started.outcome !== 'changed') return false;
  await enqueueNextRun(deps, started.record);
  return true;
}

/** The last millisecond of a failure that the request selects: it is older than the request. */
function lastMsOf({ createdAt, until }: FailureRetryState): number {
  const createdMs = Date.parse(createdAt);
  return until === undefined ? createdMs : Math.min(createdMs, Date.parse(until) - 1);
}
