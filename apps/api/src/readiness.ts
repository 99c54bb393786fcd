import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { fresh } from '@pixdock/shared/runtime/fresh';
import type { ServiceState } from '@pixdock/shared/state/service/service-state';
import type { StorageTrouble } from '@pixdock/shared/state/service/storage-health';
import type { ApiDeps } from './deps.js';
import type { Observed } from './metrics.js';

export type ReadinessDeps = Pick<
  ApiDeps,
  'storageHealth' | 'diskQuota' | 'findFullRedis' | 'isRestored' | 'stopping'
>;

/**
 * Checks that submissions are accepted; returns the fault of OSS, during which they still are.
 * @throws PixdockError, OtherStaging, or an error of Redis
 */
export async function checkReadiness({
  storageHealth,
  diskQuota,
  findFullRedis,
  isRestored,
  stopping,
}: ReadinessDeps): Promise<StorageTrouble | null> {
  if (stopping.aborted) throw new PixdockError('overloaded', detailOf('server-stopping'));
  const trouble = await storageHealth.read();
  // Throws if Redis belongs to another staging.
  await isRestored();
  const fullRedis = await findFullRedis();
  if (fullRedis !== null) throw new PixdockError('queue_unavailable', fullRedis);
  const full = await diskQuota.findFull();
  if (full !== null) throw new PixdockError('staging_full', full);
  return trouble;
}

/** Opens a reader of the state that the metrics show. It reads Redis at most once a second, and no files. */
export function openObserver(
  deps: ReadinessDeps,
  readService: () => Promise<ServiceState>,
): () => Promise<Observed> {
  return fresh(async () => {
    const [isReady, service] = await Promise.all([
      checkReadiness(deps).then(
        () => true,
        () => false,
      ),
      readService().catch(() => null),
    ]);
    return { isReady, service, staging: deps.diskQuota.usage() };
  });
}
