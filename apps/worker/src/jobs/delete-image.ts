import { StorageFault } from '@pixdock/object-store/types';
import { faultpoint } from '@pixdock/shared/faultpoint';
import type { JobHandlers } from '@pixdock/shared/jobs';
import { markDeleted, requestDelete } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { keysOf } from '../publish/undo.js';

const RUN_CHECK_MS = 500;
const STORAGE_RETRY_MS = 5000;
/** What OSS refuses, it refuses until somebody changes a policy. */
const REFUSED_RETRY_MS = 15_000;

/** Removes an image's objects, then says so. A run in hand lets go first, or its put could land after the removal. */
export function deleteImage({
  records,
  staging,
  queue,
  store,
  gate,
  config,
  log,
}: WorkerDeps): JobHandlers['delete-image'] {
  return async ({ imageId }, { signal }) => {
    // Nothing is removed of an image that does not say so.
    const asked = await records.move(imageId, requestDelete);
    if (asked.outcome === 'missing') {
      // Its batch was deleted meanwhile, and its record went with it.
      if ((await staging.entry(imageId))?.record.status === 'deleted') await staging.dropDeletion(imageId);
      return { outcome: 'done' };
    }
    const { record } = asked;
    if (record.status === 'deleted') {
      await staging.settle(record);
      return { outcome: 'done' };
    }
    if (await queue.isRunning(record)) return { outcome: 'again', afterMs: RUN_CHECK_MS };
    if (gate.isClosed()) return { outcome: 'again', afterMs: STORAGE_RETRY_MS };
    try {
      for (const key of keysOf(record, config)) {
        await store.remove(key, signal);
        faultpoint('object-removed');
      }
    } catch (error) {
      if (signal.aborted) return { outcome: 'again', afterMs: 0 };
      if (!(error instanceof StorageFault)) throw error;
      const { kind, code, fix } = error.facts;
      if (kind === 'transient' || kind === 'throttled') {
        gate.failed(error);
        return { outcome: 'again', afterMs: STORAGE_RETRY_MS };
      }
      // A key that may put but not remove, or a retention policy of the bucket, keeps nothing else from being published.
      log.warn({ id: imageId, code, fix: fix.en }, 'OSS refuses to remove an object');
      return { outcome: 'again', afterMs: REFUSED_RETRY_MS };
    }
    const moved = await records.move(imageId, (current) => markDeleted(current, config.retentionMs));
    faultpoint('image-deleted');
    if (moved.outcome !== 'missing' && moved.record.status === 'deleted') await staging.settle(moved.record);
    return { outcome: 'done' };
  };
}
