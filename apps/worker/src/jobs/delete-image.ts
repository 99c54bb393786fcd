import { isPrivateKey } from '@pixdock/contract/visibility';
import { PUT_TIMEOUT_MS } from '@pixdock/object-store/open';
import { StorageFault } from '@pixdock/object-store/types';
import type { JobHandlers, JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { type ImageRecord, isDeleted, isOriginal } from '@pixdock/shared/state/images/image-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { markDeleted, requestDelete } from '@pixdock/shared/state/images/transitions';
import { mustWait } from '../admission/permit.js';
import { keysOf } from '../attempt/remove-objects.js';
import { closeAfterLastItem } from '../batches/close-batch.js';
import type { KeyConfig, Needs, Parts } from '../deps.js';

const RUN_CHECK_MS = 500;
const STORAGE_RETRY_MS = 5000;
/** OSS refuses a removal until an operator changes a policy. */
const REFUSED_RETRY_MS = 15_000;
const DONE: JobResult = { outcome: 'done' };

type Deps = Needs<
  | 'images'
  | 'staging'
  | 'batches'
  | 'queue'
  | 'store'
  | 'purges'
  | 'breaker'
  | 'privateBreaker'
  | 'events'
  | 'idempotency'
  | 'deliveries',
  'retentionMs'
> & { config: KeyConfig };

/**
 * Removes an image's objects, then marks it deleted. A run in progress ends first, or its put could follow the removal.
 * @param putMs how long a put takes at most
 */
export function deleteImage(deps: Deps, putMs = PUT_TIMEOUT_MS): JobHandlers['delete-image'] {
  const { images, staging, queue, config, events } = deps;
  return async ({ imageId }, { signal }) => {
    // The record says that the image is deleted before any object is removed.
    const request = await images.change(imageId, requestDelete);
    if (request.outcome === 'missing') {
      // An item that was deleted with its batch has no record.
      const item = await images.get(imageId);
      if (item !== null && isDeleted(item)) await staging.dropDeletion(imageId);
      return DONE;
    }
    const { record } = request;
    if (isDeleted(record)) {
      await erase(deps, record);
      return DONE;
    }
    if (await queue.isRunning(runOf(record))) return { outcome: 'again', afterMs: RUN_CHECK_MS };
    for (const key of keysOf(record, config)) {
      const retryMs = await remove(deps, record, key, signal);
      if (retryMs !== null) return { outcome: 'again', afterMs: retryMs };
      faultpoint('object-removed');
    }
    // OSS may perform a put after this removal. The job then removes the objects again.
    const lateMs = await images.latePutsMs(record, putMs);
    if (lateMs > 0) return { outcome: 'again', afterMs: lateMs };
    await notePurge(deps, record);
    const changed = await images.transition(
      imageId,
      (current) => markDeleted(current, config.retentionMs),
      record,
    );
    if (changed.outcome === 'changed') events.imageFinished(changed.record);
    faultpoint('image-deleted');
    if (changed.outcome === 'missing' || !isDeleted(changed.record)) return DONE;
    await erase(deps, changed.record);
    await closeAfterLastItem(deps, changed.record.batchId);
    return DONE;
  };
}

/** Removes an object. Returns null, or after how many ms to try again. */
async function remove(
  { store, breaker, privateBreaker, events }: Deps,
  { id }: ImageRecord,
  key: string,
  signal: AbortSignal,
): Promise<number | null> {
  // By the key: the profile of the image may be renamed, and Redis may have lost where its objects are.
  using permit = (isPrivateKey(key) ? privateBreaker : breaker).acquire('remove');
  if (mustWait(permit)) return STORAGE_RETRY_MS;
  try {
    await store.remove(key, signal);
    return null;
  } catch (error) {
    if (signal.aborted) return 0;
    if (!(error instanceof StorageFault)) throw error;
    const { kind } = error.facts;
    if (kind === 'transient' || kind === 'throttled') {
      permit.recordFailure(error);
      return STORAGE_RETRY_MS;
    }
    // The breaker stays closed: an access key without the right to remove, or a retention policy, does not prevent puts.
    events.removalRefused(id, error.facts);
    return REFUSED_RETRY_MS;
  }
}

/** Stores the URLs for the CDN refresh durably, before the record loses them. */
async function notePurge(
  { purges, batches }: Parts<'purges' | 'batches'>,
  record: ImageRecord,
): Promise<void> {
  if (purges === null || !isOriginal(record)) return;
  const urls = Object.values(record.variants).flatMap(({ url }) => url ?? []);
  if (urls.length === 0) return;
  const batch = record.batchId === null ? null : await batches.inRedis(record.batchId);
  const kind = (batch?.deleteRequestedAt ?? null) === null ? 'single' : 'batch';
  await purges.add(record, urls, kind);
}

/** Erases outside of its record what else says something about a deleted image. The request to delete it is dropped last. */
async function erase(
  { staging, idempotency, deliveries }: Parts<'staging' | 'idempotency' | 'deliveries'>,
  record: ImageRecord,
): Promise<void> {
  const { id, owner } = record;
  const claim = (await staging.ownEntry(id))?.idempotency ?? null;
  if (claim !== null) await idempotency.eraseResponse(owner, claim, id);
  await deliveries.eraseTargets(owner, id);
  await staging.writeOutcome(record);
}
