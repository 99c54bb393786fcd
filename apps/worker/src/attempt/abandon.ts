import { isSettled } from '@pixdock/contract/status';
import type { JobResult } from '@pixdock/shared/queue/jobs';
import * as endings from '@pixdock/shared/state/images/end-transitions';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { AttemptDeps } from '../deps.js';
import { removeObjects } from './remove-objects.js';
import { settle } from './settle.js';
import type { Attempt } from './start-attempt.js';

/**
 * Ends an attempt that has lost its image to another attempt, a deletion or a loss of Redis. The objects that this attempt wrote
 * are now theirs: another attempt may have found them equal to its own. It removes them only if the image is deleted, canceled,
 * was never accepted or has become another image. It also removes files that it wrote to staging after the image was final.
 */
export async function abandon(deps: AttemptDeps, attempt: Attempt): Promise<JobResult> {
  const { images, store } = deps;
  const { id, run, internal: written } = attempt.record;
  const found = await images.inRedis(id);
  const current = found === null ? await images.get(id) : await images.restoreNewer(found);
  const isGone = current === null || current.deleteRequestedAt !== null || current.status === 'canceled';
  const isReused = current !== null && current.reusedId !== null;
  if (isGone || isReused || (await isEndedByBatch(deps, current))) await removeObjects(store, written.keys);
  if (current === null) return { outcome: 'done' };
  // A deletion, or the next run, must know which objects may exist.
  if (current.status === 'failed')
    await images.change(id, (failed) => endings.noteKeys(failed, run, written.keys));
  const keys = [...current.internal.keys, ...(current.status === 'canceled' ? written.keys : [])];
  return settle(deps, { ...current, internal: { ...current.internal, keys } });
}

/** Whether its batch is about to cancel or delete an item without a record. It gets none, so nothing else removes its objects. */
async function isEndedByBatch({ images, staging }: AttemptDeps, item: ImageRecord): Promise<boolean> {
  if (item.batchId === null || isSettled(item) || (await images.version(item.id)) !== null) return false;
  const changes = await staging.batches.changes(item.batchId);
  return changes.includes('canceled') || changes.includes('deleted');
}
