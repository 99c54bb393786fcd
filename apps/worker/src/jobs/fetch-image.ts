import { isSettled } from '@pixdock/contract/status';
import type { JobContext, JobHandlers, JobResult } from '@pixdock/shared/queue/jobs';
import { backoffMs } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { endpointOf } from '@pixdock/shared/runtime/sources/endpoint';
import { inSpan } from '@pixdock/shared/runtime/trace';
import { bytesOnDisk } from '@pixdock/shared/state/files/disk-bytes';
import * as fetches from '@pixdock/shared/state/images/fetch-transitions';
import type { FetchedSource } from '@pixdock/shared/state/images/fetched-source';
import { isOpen, needsSource } from '@pixdock/shared/state/images/image-record';
import type { Origin } from '@pixdock/shared/state/images/origin';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { mustWait, type Permit, UNLIMITED } from '../admission/permit.js';
import { staggerRetries } from '../admission/stagger-retries.js';
import { requeue } from '../attempt/delay.js';
import { fetchSource } from '../attempt/fetch-source.js';
import { fail, failWith, finishReused } from '../attempt/finish.js';
import { killsWorkers } from '../attempt/next-step.js';
import { findKnownSource, findSameContent, readReusable, requestDigest } from '../attempt/reusable.js';
import { settle } from '../attempt/settle.js';
import {
  countSharedUse,
  findSharedSource,
  type SharedSource,
  shareSource,
} from '../attempt/shared-source.js';
import type { Attempt } from '../attempt/start-attempt.js';
import type { AttemptDeps, Needs } from '../deps.js';
import { deleteInstead } from '../retention/delete-due.js';
import { withAttempt } from './with-attempt.js';

/** Fetches in one run; with these delays the last one comes about a minute after the first. */
const MAX_FETCHES = 5;
const RETRY_BASE_MS = 2000;
const RETRY_CAP_MS = 30_000;

type Deps = AttemptDeps &
  Needs<
    'batches' | 'queue' | 'sources' | 'hostSlots' | 'diskQuota' | 'lossWatch',
    'maxUploadBytes' | 'acceptFormats' | 'profiles' | 'labels'
  >;

/** One attempt to bring an image's source into staging, wherever the source is. */
export function fetchImage(deps: Deps): JobHandlers['fetch-image'] {
  const { images, staging, queue, hostSlots, diskQuota, config } = deps;
  const nextRetryMs = staggerRetries();

  return async ({ imageId, run }, context) => {
    const found = await images.inRedis(imageId);
    if (found === null || found.run !== run) return { outcome: 'done' };
    const record = await images.restoreNewer(found);
    if (record !== found || isSettled(record)) return settle(deps, record);
    if (record.deleteRequestedAt !== null) return { outcome: 'done' };
    const deleted = await deleteInstead(deps, record);
    if (deleted !== null) return deleted;
    if (!needsSource(record)) {
      // The attempt that fetched the source may have died before it queued the next job.
      await queue.enqueue(runOf(record));
      return { outcome: 'done' };
    }
    // It was held when Redis lost it.
    const held = record.internal.keysLost ? await staging.reviews.findSource(imageId) : null;
    if (held !== null)
      return await withAttempt(deps, record, 'fetching', context, (attempt) => handOver(deps, attempt, held));
    const shared = await findSharedSource(deps, record);
    if (shared.outcome === 'pending') return again(nextRetryMs(record.owner));
    const origin = await staging.origin(record);
    // The source of another item is linked.
    const toFetch = shared.outcome === 'unshared' ? origin : null;

    using slot =
      toFetch?.kind === 'url'
        ? await hostSlots.acquire(endpointOf(new URL(toFetch.url)).key, record.owner, context.freeSlot)
        : UNLIMITED;
    if (mustWait(slot)) return again(slot.retryAfterMs);
    const mayBeHeld = config.profiles.get(record.profile)?.review !== undefined;
    const bytes = bytesToWrite(toFetch, config.maxUploadBytes);
    using reserved = await diskQuota.acquire(record.owner, bytes, mayBeHeld);
    if (mustWait(reserved)) return again(reserved.retryAfterMs);

    return await withAttempt(deps, record, 'fetching', context, async (attempt, watched) => {
      faultpoint('fetch-begun');
      if (killsWorkers(record)) return fail(deps, attempt, 'processing_crashed');
      try {
        return await fetchOnce(deps, attempt, shared, origin, slot, watched);
      } finally {
        const { source } = attempt.record;
        reserved.commit(bytesOnDisk(isOpen(attempt.record) ? (source.bytes ?? 0) : 0));
      }
    });
  };
}

async function fetchOnce(
  deps: Deps,
  attempt: Attempt,
  shared: SharedSource,
  origin: Origin | null,
  hostSlot: Permit,
  { signal, freeSlot }: JobContext,
): Promise<JobResult> {
  const { record } = attempt;
  if (shared.outcome === 'failed') return failWith(deps, attempt, shared.error);
  if (shared.outcome === 'reused') return becomeImage(deps, attempt, shared);
  const from = shared.outcome === 'here' ? ({ kind: 'shared', place: shared.place } as const) : origin;
  if (from === null) return fail(deps, attempt, 'source_lost');
  const request = from.kind === 'url' ? requestDigest(deps, record, from) : null;
  const known = request === null ? null : await findKnownSource(deps, record, request);
  if (from.kind === 'url') freeSlot();
  const result = await inSpan('fetch', {}, () =>
    fetchSource(deps, record, from, signal, known?.validator ?? null),
  );
  // The rest needs the host no longer.
  hostSlot[Symbol.dispose]();
  if (result.outcome === 'unchanged')
    return becomeImage(deps, attempt, { imageId: known?.imageId ?? '', filename: result.filename });
  if (result.outcome === 'failed') return fail(deps, attempt, result.code, result.detail);
  if (result.outcome === 'later') {
    const count = record.internal.fetches + 1;
    if (count >= MAX_FETCHES) return fail(deps, attempt, result.code, result.detail);
    const delayMs = backoffMs(count, RETRY_BASE_MS, RETRY_CAP_MS);
    const afterMs = Math.max(delayMs, result.retryAfterMs ?? 0);
    const retry = { error: storedError(result.code, result.detail), afterMs };
    await attempt.change((current, attemptId) => fetches.fetchLater(current, attemptId, retry));
    return again(afterMs);
  }
  faultpoint('fetch-brought');
  if (shared.outcome === 'here') await countSharedUse(deps, record);
  else await shareSource(deps, record);
  const validator =
    request === null || result.validator === null ? null : { request, value: result.validator };
  const image = await findSameContent(deps, record, result.source.sha256);
  if (image !== null)
    return finishReused(deps, attempt, { image, filename: result.source.filename, validator });
  // Rendered before Redis lost the image, perhaps from an older file of its host.
  if (record.internal.keysLost && from.kind === 'url') await deps.staging.outputs.discard(record.id);
  return handOver(deps, attempt, { ...result.source, validator });
}

async function handOver(deps: Deps, attempt: Attempt, source: FetchedSource): Promise<JobResult> {
  await attempt.change((current, attemptId) => fetches.fetched(current, attemptId, source));
  faultpoint('fetch-handed-over');
  await deps.queue.enqueue(runOf(attempt.record));
  return { outcome: 'done' };
}

/** Ends the run: the source of the item is that of an image which its owner has. If it is deleted by now, the next attempt fetches. */
async function becomeImage(
  deps: Deps,
  attempt: Attempt,
  { imageId, filename }: { imageId: string; filename: string | null },
): Promise<JobResult> {
  const image = await readReusable(deps, attempt.record, imageId);
  return image === null
    ? requeue(attempt)
    : finishReused(deps, attempt, { image, filename, validator: null });
}

/** The most that a fetch adds to staging. A file that lies in staging is linked, and adds nothing. */
function bytesToWrite(origin: Origin | null, maxUploadBytes: number): number {
  if (origin?.kind === 'entry') return Math.min(origin.bytes, maxUploadBytes);
  return origin?.kind === 'url' ? maxUploadBytes : 0;
}

const again = (afterMs: number): JobResult => ({ outcome: 'again', afterMs });
