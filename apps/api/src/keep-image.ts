import { PixdockError } from '@pixdock/contract/error';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { keep } from '@pixdock/shared/state/images/transitions';
import type { Parts } from './deps.js';

export type KeepParts = Parts<'images' | 'staging' | 'writeLimits'>;

/**
 * Takes the time of its deletion from an image, durably: first in staging, so that no loss of Redis brings it back.
 * @throws PixdockError already_deleted
 */
export async function keepImage(deps: KeepParts, found: ImageRecord): Promise<ImageRecord> {
  const { images, staging, writeLimits } = deps;
  if (isDeleting(found)) throw new PixdockError('already_deleted');
  if (found.deleteAt === null) return found;
  {
    using _ = await writeLimits.acquire(found.owner);
    await staging.keep(found.id);
  }
  const changed = await images.change(found.id, keep);
  if (changed.outcome === 'missing' || isDeleting(changed.record)) throw new PixdockError('already_deleted');
  return changed.record;
}

const isDeleting = ({ status, deleteRequestedAt }: ImageRecord) =>
  status === 'deleted' || deleteRequestedAt !== null;
