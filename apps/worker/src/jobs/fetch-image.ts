import type { JobHandlers, JobResult } from '@pixdock/shared/queue/jobs';
import { backoffMs } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inSpan } from '@pixdock/shared/runtime/trace';
import type { Origin } from '@pixdock/shared/state/records/origin';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { storedError } from '@pixdock/shared/state/records/stored-error';
import { needsSource } from '@pixdock/shared/state/records/view';
import { restoreIfBehind } from '@pixdock/shared/state/restore-image';
import type { RestoreParts } from '@pixdock/shared/state/restore-parts';
import { mustWait, UNLIMITED } from '../admission/permit.js';
import { staggerRetries } from '../admission/stagger-retries.js';
import { fail, failWith } from '../attempt/fail.js';
import { fetchSource } from '../attempt/fetch-source.js';
import { type HandleErrorDeps, handleError } from '../attempt/handle-error.js';
import { fetchLater, requeueFetched } from '../attempt/requeue.js';
import {
  countSharedUse,
  findSharedSource,
  type SharedSource,
  shareSource,
} from '../attempt/shared-source.js';
import { type Attempt, killsWorkers, startAttempt } from '../attempt/start-attempt.js';
import type { Needs } from '../deps.js';
import { settleIfFinal } from '../publish/settle.js';

/** Fetches in one run; with these delays the last one comes about a minute after the first. */
const MAX_FETCHES = 5;
const RETRY_BASE_MS = 2000;
const RETRY_CAP_MS = 30_000;

type Deps = RestoreParts &
  HandleErrorDeps &
  Needs<'sources' | 'hostSlots' | 'diskQuota' | 'lossWatch', 'maxUploadBytes' | 'acceptFormats'>;

/** One attempt to bring an image's source into staging, wherever the source is. */
export function fetchImage(deps: Deps): JobHandlers['fetch-image'] {
  const { records, staging, queue, hostSlots, diskQuota, config } = deps;
  const nextRetryMs = staggerRetries();

  return async ({ imageId, run }, context) => {
    const record = await records.get(imageId);
    if (record === null || record.run !== run) return { outcome: 'done' };
    const restored = await restoreIfBehind(deps, record);
    if (restored !== null) return settleIfFinal(deps, restored);
    const shared = await findSharedSource(deps, record);
    if (shared.outcome === 'pending') return again(nextRetryMs());
    const origin = await staging.origin(record);
    const own = shared.outcome === 'unshared' ? origin : null;

    using slot = own?.kind === 'url' ? hostSlots.acquire(own.url) : UNLIMITED;
    if (mustWait(slot)) return again(slot.retryAfterMs);
    using reserved = await diskQuota.acquire(record.owner, bytesToWrite(own, config.maxUploadBytes));
    if (mustWait(reserved)) return again(reserved.retryAfterMs);

    const started = await startAttempt(records, { imageId, run }, 'fetching', needsSource);
    if (started.outcome === 'missing') return { outcome: 'done' };
    if (started.outcome === 'refused') {
      // An attempt that fetched the source may have died before it queued the next job.
      if (started.record.status === 'processing') await queue.enqueue(runOf(started.record));
      return settleIfFinal(deps, started.record);
    }
    faultpoint('fetch-begun');
    const { attempt } = started;
    using watched = deps.lossWatch.follow(attempt, context.signal);
    try {
      if (killsWorkers(attempt.record)) return await fail(deps, attempt, 'processing_crashed');
      const result = await fetchOnce(deps, attempt, shared, origin, watched.signal);
      reserved.commit(attempt.record.source.bytes ?? 0);
      return result;
    } catch (error) {
      return handleError(deps, attempt, error, context);
    }
  };
}

async function fetchOnce(
  deps: Deps,
  attempt: Attempt,
  shared: SharedSource,
  origin: Origin | null,
  signal: AbortSignal,
): Promise<JobResult> {
  const { record } = attempt;
  if (shared.outcome === 'failed') return failWith(deps, attempt, shared.error);
  const from = shared.outcome === 'here' ? ({ kind: 'staged', path: shared.path } as const) : origin;
  if (from === null) return fail(deps, attempt, 'source_lost');
  const fetched = await inSpan('fetch', {}, () => fetchSource(deps, record, from, signal));
  if (fetched.outcome === 'failed') return fail(deps, attempt, fetched.code, fetched.detail);
  if (fetched.outcome === 'later') {
    const fetches = record.internal.fetches + 1;
    if (fetches >= MAX_FETCHES) return fail(deps, attempt, fetched.code, fetched.detail);
    const delayMs = backoffMs(fetches, RETRY_BASE_MS, RETRY_CAP_MS);
    const afterMs = Math.max(delayMs, fetched.retryAfterMs ?? 0);
    return fetchLater(attempt, storedError(fetched.code, fetched.detail), afterMs);
  }
  faultpoint('fetch-brought');
  if (shared.outcome === 'here') await countSharedUse(deps, record);
  else await shareSource(deps, record);
  return requeueFetched(deps, attempt, fetched.source);
}

/** The most that a fetch adds to staging. A file that lies in staging is linked, and adds nothing. */
function bytesToWrite(origin: Origin | null, maxUploadBytes: number): number {
  if (origin?.kind === 'entry') return Math.min(origin.bytes, maxUploadBytes);
  return origin?.kind === 'url' ? maxUploadBytes : 0;
}

const again = (afterMs: number): JobResult => ({ outcome: 'again', afterMs });
