import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { StorageTrouble } from '@pixdock/shared/state/records/storage-health';
import type { ApiDeps } from './deps.js';

/**
 * Checks that submissions are accepted; returns the fault of OSS, during which they still are.
 * @throws PixdockError, or an error of Redis
 */
export async function checkReadiness({
  storageHealth,
  diskQuota,
  stopping,
}: Pick<ApiDeps, 'storageHealth' | 'diskQuota' | 'stopping'>): Promise<StorageTrouble | null> {
  if (stopping.aborted) throw new PixdockError('overloaded', detailOf('server-stopping'));
  const trouble = await storageHealth.read();
  if (await diskQuota.isFull()) throw new PixdockError('staging_full');
  return trouble;
}
