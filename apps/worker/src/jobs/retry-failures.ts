import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { FailureRetryState } from '@pixdock/shared/state/failures/failure-retries';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { retry } from '@pixdock/shared/state/images/transitions';
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
  const batches = new Set<string>();
  let retried = 0;
  await inGroups(ids, async (id) => {
    const outcome = await retryImage(deps, id, request);
    if (outcome === 'skipped') return;
    retried++;
    if (outcome.batchId !== null) batches.add(outcome.batchId);
  });
  for (const batchId of batches) await deps.queue.expand(batchId);
  return retried;
}

type Retried = 'skipped' | { /** The batch that starts the image. */ batchId: string | null };

async function retryImage(
  { images, staging, batches, queue }: Deps,
  id: string,
  request: FailureRetryState,
): Promise<Retried> {
  const record = await images.recorded(id);
  if (record?.status !== 'failed' || record.owner !== request.owner) return 'skipped';
  if (record.finishedAt > isoTime(lastMsOf(request))) return 'skipped';
  const batch = record.batchId === null ? null : await batches.recorded(record.batchId);
  const next = retry(record);
  if (next === null || isOver(batch) || !(await staging.hasSource(record))) return 'skipped';
  if (!(await staging.resubmit(next))) return 'skipped';
  const changed = await images.change(id, retry, record);
  // A deletion ended meanwhile.
  if (changed.outcome === 'refused' && changed.record.status === 'deleted')
    await images.settle(changed.record);
  if (changed.outcome !== 'changed') return 'skipped';
  // A batch that is being forgotten does not start its items.
  if (batch !== null && batch.forgottenAt === null) return { batchId: batch.id };
  await queue.enqueue(runOf(changed.record));
  return { batchId: null };
}

/** The last millisecond of a failure that the request selects: it is older than the request. */
function lastMsOf({ createdAt, until }: FailureRetryState): number {
  const createdMs = Date.parse(createdAt);
  return until === undefined ? createdMs : Math.min(createdMs, Date.parse(until) - 1);
}

const isOver = (batch: BatchState | null) =>
  batch !== null && (batch.cancelRequestedAt !== null || batch.deleteRequestedAt !== null);
