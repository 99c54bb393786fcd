import type { JobContext, JobHandlers, JobPayload, JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { refetch } from '@pixdock/shared/state/records/fetch-transitions';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { isSettled, needsSource } from '@pixdock/shared/state/records/view';
import { restoreIfBehind } from '@pixdock/shared/state/restore-image';
import type { RestoreParts } from '@pixdock/shared/state/restore-parts';
import { mustWait } from '../admission/permit.js';
import { isSuspect } from '../admission/quarantine.js';
import { fail } from '../attempt/fail.js';
import { type HandleErrorDeps, handleError } from '../attempt/handle-error.js';
import { heldFor, hold, holdMs } from '../attempt/hold.js';
import { discardOutput, findOutput, readOutput, renderOutput } from '../attempt/output.js';
import { type PutOutputDeps, putOutput } from '../attempt/put-output.js';
import { requeue } from '../attempt/requeue.js';
import { type Attempt, killsWorkers, startAttempt } from '../attempt/start-attempt.js';
import type { Needs } from '../deps.js';
import { settleIfFinal } from '../publish/settle.js';

/** Until a job looks again whether the source of its image is fetched. */
const UNFETCHED_MS = 2000;

type Deps = RestoreParts &
  HandleErrorDeps &
  PutOutputDeps &
  Needs<'engine' | 'diskQuota' | 'quarantine' | 'lossWatch', 'maxUploadBytes' | 'storageGiveUpMs'>;

/** One attempt at one run of an image: inspect, render, publish. */
export function processImage(deps: Deps): JobHandlers['process-image'] {
  return async (payload, context) => {
    const record = await deps.records.get(payload.imageId);
    const acquiring = deps.quarantine.acquire(record !== null && isSuspect(record));
    const hasWaited = deps.quarantine.isWaiting();
    using _ = await acquiring;
    // The record may have changed while this job waited.
    const known = hasWaited ? await deps.records.get(payload.imageId) : record;
    return await processRun(deps, payload, known, context);
  };
}

/** @param known the record as last read */
async function processRun(
  deps: Deps,
  payload: JobPayload<'process-image'>,
  known: ImageRecord | null,
  context: JobContext,
): Promise<JobResult> {
  const { records, staging, breaker, config } = deps;
  const profile = known === null ? undefined : config.profiles.get(known.profile);
  const isFirst = known?.attempts === 0 && !known.internal.keysLost;
  // Rendered by an earlier attempt that could not put it. This attempt then only has to put it.
  const earlierOutput =
    profile === undefined || isFirst ? null : await findOutput(staging, payload.imageId, profile);
  // While OSS fails, an image is held: its put until the breaker permits one, its render only while staging lacks space.
  const mustHold = earlierOutput === null ? !(await mayRender(deps, known?.owner ?? '')) : breaker.isOpen();
  if (mustHold && known !== null && isHeldAlready(known, config))
    return { outcome: 'again', afterMs: holdMs(heldFor(known)) };

  const readsSource = earlierOutput === null && !mustHold;
  const hasSource = !readsSource || (known !== null && (await staging.isSourceWhole(known)));
  const restored = known === null || hasSource ? null : await restoreIfBehind(deps, known);
  if (restored !== null) return settleIfFinal(deps, restored);

  const stage = earlierOutput === null ? 'validating' : 'uploading';
  const mayStart = (record: ImageRecord) => earlierOutput !== null || !needsSource(record);
  const started = await startAttempt(records, payload, stage, mayStart, known ?? undefined);
  if (started.outcome === 'missing') return { outcome: 'done' };
  if (started.outcome === 'refused') {
    if (isUnfetched(started.record, payload.run)) return awaitSource(deps, started.record);
    return settleIfFinal(deps, started.record);
  }
  const { attempt } = started;
  using watched = deps.lossWatch.follow(attempt, context.signal);
  const attemptContext = { ...context, signal: watched.signal };
  try {
    if (killsWorkers(attempt.record)) return await fail(deps, attempt, 'processing_crashed');
    faultpoint('run-begun', attempt.record.externalId);
    if (profile === undefined) return await fail(deps, attempt, 'unknown_profile');
    if (earlierOutput !== null) {
      const bodies = await readOutput(staging, attempt.record.id, earlierOutput);
      if (bodies !== null)
        return await putOutput(deps, attempt, { rendered: earlierOutput.rendered, bodies }, attemptContext);
      await discardOutput(staging, attempt.record.id);
      return await requeue(attempt);
    }
    if (mustHold) return await hold(deps, attempt, breaker.lastFault());
    if (!hasSource) return await refetchOrFail(deps, attempt);
    const result = await renderOutput(deps, attempt, profile, watched.signal);
    if (result.outcome === 'refused') return await fail(deps, attempt, result.code, result.detail);
    const { output, bodies } = result;
    return await putOutput(deps, attempt, { rendered: output.rendered, bodies }, attemptContext);
  } catch (error) {
    return handleError(deps, attempt, error, context);
  }
}

/**
 * While OSS fails, outputs stay in staging and need space. A probe may exceed the quota, or the worker would never learn that
 * OSS works again.
 */
async function mayRender(
  { breaker, diskQuota, config }: Pick<Deps, 'breaker' | 'diskQuota' | 'config'>,
  owner: string,
): Promise<boolean> {
  if (breaker.lastFault() === undefined) return true;
  using reserved = await diskQuota.acquire(owner, config.maxUploadBytes);
  if (mustWait(reserved)) return breaker.tryProbe();
  // The next count of staging replaces this estimate by the size of the output.
  reserved.commit(config.maxUploadBytes);
  return true;
}

const isUnfetched = (record: ImageRecord, run: number): boolean =>
  record.run === run && record.deleteRequestedAt === null && !isSettled(record) && needsSource(record);

/**
 * Fetches the source again: it was lost, or after a restore the record does not have the source that an attempt had fetched.
 * This job waits instead of ending, since the fetch adds no job for the image while the queue has this one.
 */
async function awaitSource({ queue }: Pick<Deps, 'queue'>, record: ImageRecord): Promise<JobResult> {
  await queue.enqueue(runOf(record));
  return { outcome: 'again', afterMs: UNFETCHED_MS };
}

/** Whether the image is held for less than STORAGE_GIVE_UP. An image that is not held yet needs an attempt to hold it. */
function isHeldAlready(record: ImageRecord, config: Pick<Deps['config'], 'storageGiveUpMs'>): boolean {
  return record.internal.heldSince !== null && heldFor(record) < config.storageGiveUpMs;
}

async function refetchOrFail(deps: Deps, attempt: Attempt): Promise<JobResult> {
  if ((await deps.staging.origin(attempt.record)) === null) return fail(deps, attempt, 'source_lost');
  await attempt.change(refetch);
  return awaitSource(deps, attempt.record);
}
