import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { requestDelete } from '@pixdock/shared/state/images/transitions';
import type { Parts } from './deps.js';
import { whenRedisIsBack } from './when-redis-is-back.js';

export type DeletionParts = Parts<'images' | 'queue' | 'staging' | 'writeLimits' | 'log' | 'stopping'>;

/** Requests the deletion of an image, durably. A worker carries it out. */
export async function requestDeletion(deps: DeletionParts, found: ImageRecord): Promise<ImageRecord> {
  const { images, queue, staging, writeLimits } = deps;
  const { id, owner } = found;
  {
    using _ = await writeLimits.acquire(owner);
    await staging.requestDelete(id);
  }
  try {
    let changed = await images.change(id, requestDelete);
    if (changed.outcome === 'missing') {
      // After RETENTION, only its object has the image: create a record for the deletion.
      await images.create(found);
      changed = await images.change(id, requestDelete);
    }
    await queue.delete(id, owner);
    return changed.outcome === 'missing' ? found : changed.record;
  } catch (error) {
    // The deletion is durable in staging, so it happens although this response is an error.
    void whenRedisIsBack(deps, id, () => queue.delete(id, owner));
    throw error;
  }
}
