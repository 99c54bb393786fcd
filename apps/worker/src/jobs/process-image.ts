import type { JobContext, JobHandlers, JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { bytesOnDisk } from '@pixdock/shared/state/files/disk-bytes';
import * as fetches from '@pixdock/shared/state/images/fetch-transitions';
import { type ImageRecord, isOpen, needsSource } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { breakerOf } from '../admission/circuit-breaker.js';
import { mustWait } from '../admission/permit.js';
import { delay, delayedFor, delayMs, requeue } from '../attempt/delay.js';
import { fail } from '../attempt/finish.js';
import { type AttemptStep, isSuspect, nextStep, type OnDisk } from '../attempt/next-step.js';
import { type AttemptOutput, findOutput, readOutput, renderOutput, saveOutput } from '../attempt/output.js';
import { publish } from '../attempt/publish.js';
import { awaitsDecision, type ReviewDeps, review, reviewerDelayMs } from '../attempt/review.js';
import { settle } from '../attempt/settle.js';
import type { Attempt } from '../attempt/start-attempt.js';
import type { Needs } from '../deps.js';
import { deleteInstead } from '../retention/delete-due.js';
import { withAttempt } from './with-attempt.js';

/** Until a job looks again whether the source of its image is fetched. */
const UNFETCHED_MS = 2000;

type Deps = ReviewDeps &
  Needs<
    | 'batches'
    | 'queue'
    | 'engine'
    | 'breaker'
    | 'privateBreaker'
    | 'diskQuota'
    | 'quarantine'
    | 'lossWatch'
    | 'putBudget',
    'maxUploadBytes' | 'metadataKeys'
  >;

/** Decides the next step of one run of an image, and takes it. At best, it renders and publishes the image. */
export function processImage(deps: Deps): JobHandlers['process-image'] {
  const { images, quarantine, heldJobs, config } = deps;
  return async ({ imageId, run }, context) => {
    const first = await images.inRedis(imageId);
    using permit = await quarantine.acquire(first !== null && isSuspect(first));
    const record = permit.hasWaited ? await images.inRedis(imageId) : first;
    if (record === null) return { outcome: 'done' };
    const deleted = await deleteInstead(deps, record);
    if (deleted !== null) return deleted;
    if (await awaitsDecision(deps, record)) {
      heldJobs.add(imageId);
      return { outcome: 'done' };
    }
    // First, since thousands of images may wait.
    const reviewerMs = reviewerDelayMs(deps, record);
    if (reviewerMs > 0) return { outcome: 'again', afterMs: reviewerMs };

    const disk = await prepareFiles(deps, record);
    // An earlier attempt may have ended the run and removed the files, and Redis may have lost that.
    const lacksFiles = disk.has === 'nothing' || disk.has === 'origin';
    const newest = lacksFiles ? await images.restoreNewer(record) : record;
    if (newest !== record) return await settle(deps, newest);

    const step = nextStep(record, run, disk, breakerOf(deps, record).state());
    switch (step.next) {
      case 'stop':
        return { outcome: 'done' };
      case 'settle':
        return await settle(deps, record);
      case 'awaitSource':
        return await awaitSource(deps, record);
      case 'delay':
        // An image that is delayed already needs no attempt before STORAGE_GIVE_UP.
        if (record.internal.delayedSince !== null && delayedFor(record) < config.storageGiveUpMs)
          return { outcome: 'again', afterMs: delayMs(delayedFor(record)) };
        return await attemptStep(deps, record, step, context);
      case 'put':
      case 'render':
      case 'fail':
        return await attemptStep(deps, record, step, context);
    }
  };
}

/** Finds the files from which the image continues. Reserves space for an output that OSS may not take now. */
async function prepareFiles(deps: Deps, record: ImageRecord): Promise<OnDisk> {
  const { staging, config } = deps;
  const { attempts, internal } = record;
  if (!isOpen(record)) return { has: 'nothing' };
  const profile = config.profiles.get(record.profile);
  const mayHaveOutput = profile !== undefined && (attempts > 0 || internal.keysLost);
  const output = mayHaveOutput ? await findOutput(staging, record.id, profile) : null;
  if (output !== null) return { has: 'output', output };
  if (needsSource(record)) return { has: 'origin' };
  // Before the whole source is read, which would be in vain for each delayed image.
  if (!(await tryReserveOutput(deps, record))) return { has: 'no space' };
  if (await staging.isSourceWhole(record)) return { has: 'source' };
  return { has: (await staging.origin(record)) === null ? 'nothing' : 'origin' };
}

/**
 * Reserves space for an output, which stays in staging while OSS fails. False if there is no space. A probe may exceed the quota, or
 * the worker would never learn that OSS works again.
 */
async function tryReserveOutput(deps: Deps, record: ImageRecord): Promise<boolean> {
  const { diskQuota, config } = deps;
  const breaker = breakerOf(deps, record);
  if (breaker.lastFault() === undefined) return true;
  using reserved = await diskQuota.acquire(record.owner, config.maxUploadBytes);
  if (mustWait(reserved)) return breaker.tryProbe();
  // An estimate, until the next count of staging finds the output. A larger one would refuse uploads during an outage.
  reserved.commit(bytesOnDisk(record.source.bytes ?? config.maxUploadBytes));
  return true;
}

/** This job waits instead of ending, since the fetch adds no job for the image while the queue has this one. */
async function awaitSource({ images, queue }: Deps, record: ImageRecord): Promise<JobResult> {
  const loseSource = (current: ImageRecord) =>
    current.version === record.version ? fetches.refetch(current) : null;
  const lost = needsSource(record) ? null : await images.transition(record.id, loseSource, record);
  if (lost === null) await queue.enqueue(runOf(record));
  else if (lost.outcome === 'changed') await queue.enqueue(runOf(lost.record));
  return { outcome: 'again', afterMs: UNFETCHED_MS };
}

/** Takes a step that needs the image for itself. */
function attemptStep(
  deps: Deps,
  record: ImageRecord,
  step: AttemptStep,
  context: JobContext,
): Promise<JobResult> {
  const stage = step.next !== 'put' ? 'validating' : isReviewed(deps, record) ? 'reviewing' : 'uploading';
  return withAttempt(deps, record, stage, context, (attempt, watched) =>
    takeStep(deps, attempt, step, watched),
  );
}

async function takeStep(
  deps: Deps,
  attempt: Attempt,
  step: AttemptStep,
  context: JobContext,
): Promise<JobResult> {
  const { staging } = deps;
  const { id, externalId } = attempt.record;
  // Before the faultpoint: an image that killed its workers must not do so again.
  if (step.next === 'fail') return fail(deps, attempt, step.code);
  faultpoint('run-begun', externalId);
  switch (step.next) {
    case 'delay':
      return delay(deps, attempt, breakerOf(deps, attempt.record).lastFault());
    case 'put': {
      const bodies = await readOutput(staging, id, step.output);
      if (bodies !== null)
        return reviewAndPublish(
          deps,
          attempt,
          { rendered: step.output.rendered, bodies, isSaved: true },
          context,
        );
      await staging.outputs.discard(id);
      return requeue(attempt);
    }
    case 'render': {
      const result = await renderOutput(deps, attempt, context.signal);
      if (result.outcome === 'refused') return fail(deps, attempt, result.code, result.detail);
      // A person may take days to decide, and looks at it.
      const isSaved = isReviewed(deps, attempt.record);
      if (isSaved) await saveOutput(staging, attempt, result);
      return reviewAndPublish(deps, attempt, { ...result, isSaved }, context);
    }
  }
}

const isReviewed = ({ config }: Deps, { profile }: ImageRecord) =>
  config.profiles.get(profile)?.review !== undefined;

async function reviewAndPublish(
  deps: Deps,
  attempt: Attempt,
  image: AttemptOutput,
  context: JobContext,
): Promise<JobResult> {
  using permits = new DisposableStack();
  const ended = await review(deps, attempt, image, context, permits);
  return ended ?? (await publish(deps, attempt, image, context));
}
