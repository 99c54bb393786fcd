import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import { createFileErrorSkipper, type SkipFileErrors } from '@pixdock/shared/runtime/file-errors';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { expiredAuditFiles } from '@pixdock/shared/state/audit';
import { removeFile } from '@pixdock/shared/state/files/optional-file';
import type { Leftover } from '@pixdock/shared/state/folder-staging/walk';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { beginRestore } from '@pixdock/shared/state/restore/restore';
import type { RestoreParts } from '@pixdock/shared/state/restore/restore-parts';
import { awaitsDecision } from '../attempt/review.js';
import type { Needs } from '../deps.js';
import { deleteDue } from '../retention/delete-due.js';
import { forgetExpired } from '../retention/forget-expired.js';
import { freeDiskSpace } from '../retention/free-disk-space.js';
import {
  cacheIsPurged,
  removeAbandoned,
  removeBatchFiles,
  removeEndedImage,
  removeExpiredUpload,
} from '../retention/remove-leftovers.js';

/** Walking over all waiting images costs some commands each, and lost jobs are rare. */
const WALK_EVERY_MS = 10 * 60_000;

type Deps = RestoreParts &
  Needs<
    'log' | 'events' | 'images' | 'deliveries' | 'stagingWalks' | 'cdn',
    'stagingMaxBytes' | 'dataDir' | 'auditRetentionMs' | 'profiles' | 'review'
  >;

/**
 * Removes what is expired or abandoned, and queues every waiting image that has lost its job. Records that a newer version
 * wrote are left to it.
 */
export function sweep(deps: Deps, walkEveryMs = WALK_EVERY_MS): JobHandlers['sweep'] {
  const { batches, staging, queue, log } = deps;
  const skipFileErrors = createFileErrorSkipper(log, 'a sweep');
  let isRunning = false;

  return async (_payload, { signal }) => {
    // A long sweep is not joined by the next ones: together they would take all places of the queue, and delay every batch.
    if (isRunning) return { outcome: 'done' };
    isRunning = true;
    try {
      await run(signal);
    } finally {
      isRunning = false;
    }
    return { outcome: 'done' };
  };

  async function run(signal: AbortSignal): Promise<void> {
    for (const id of await batches.openIds()) {
      const state = await orUnreadable(() => batches.inRedis(id));
      if (state !== 'unreadable' && state !== null) await queue.expand(state);
    }
    await deps.deliveries.removeExpired();
    const arriving = await removeEach('arrivals', staging.arrivals(), removeAbandoned, skipFileErrors);
    const uploads = staging.uploads.leftovers();
    const abandoned = arriving + (await removeEach('uploads', uploads, removeExpiredUpload, skipFileErrors));
    await skipFileErrors('room', () => freeDiskSpace(deps, skipFileErrors));
    await removeEach('audit', expiredAuditFiles(deps.config), removeFile, skipFileErrors);
    // It waits for the CDN most of the time, and never throws.
    const refreshing = deps.cdn?.refresh(signal);
    const due = await deleteDue(deps, skipFileErrors, signal);
    const expired = await forgetExpired(deps, skipFileErrors, signal);
    await refreshing;
    log.info({ due, expired, abandoned }, 'swept');
    // A restore does the same, once it has paused processing if it is paused.
    if (!(await deps.images.isRestored())) return;
    if (!(await deps.stagingWalks.tryBegin(walkEveryMs))) return;

    await skipFileErrors('held', () => requeueHeld(deps, signal));
    const unfinished = staging.unfinishedEntries();
    const entries = await removeEach('entries', unfinished, removeAbandoned, skipFileErrors);
    const isPurged = cacheIsPurged(staging);
    const removeEnded = (id: string) => removeEndedImage(deps, id, isPurged);
    const ended = await removeEach('images', staging.live(), removeEnded, skipFileErrors);
    const removeFiles = (id: string) => removeBatchFiles(deps, id);
    const sources = ended + (await removeEach('batches', staging.batches.ids(), removeFiles, skipFileErrors));
    const restore = beginRestore(deps);
    await skipFileErrors('staging', () => restore.restoreWaiting());
    log.info({ entries, sources, ...restore.counts }, 'looked at all that is staged');
  }
}

/** Held images per read. */
const HELD_AT_ONCE = 100;

/** Queues held images that are overdue, and decided images whose server died before it queued them. */
async function requeueHeld(deps: Deps, signal: AbortSignal): Promise<void> {
  const { images, queue } = deps;
  for (let from = 0; !signal.aborted; from += HELD_AT_ONCE) {
    const ids = await images.held(from, HELD_AT_ONCE);
    for (const record of await images.inRedisMany(ids))
      if (record !== null && !(await awaitsDecision(deps, record))) await queue.enqueue(runOf(record));
    if (ids.length < HELD_AT_ONCE) return;
  }
}

/** Returns how many were removed. A folder that cannot be listed ends only its own walk. */
async function removeEach<Found extends string | Leftover>(
  name: string,
  found: AsyncIterable<Found>,
  remove: (one: Found) => Promise<boolean>,
  skipFileErrors: SkipFileErrors,
): Promise<number> {
  let removed = 0;
  await skipFileErrors(name, async () => {
    for await (const one of found) {
      const id = typeof one === 'string' ? one : one.name;
      if (await skipFileErrors(id, () => remove(one))) removed++;
    }
  });
  return removed;
}
