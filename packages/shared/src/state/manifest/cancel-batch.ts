import type { Batches } from '../batches/batches.js';

interface Parts {
  batches: Pick<Batches, 'inRedis' | 'request'>;
  staging: { batches: { dropChange(id: string, change: 'canceled'): Promise<void> } };
}

/**
 * Requests the cancellation that is recorded in staging. If there is nothing to cancel, removes it from staging, where it would
 * cancel a later retry.
 * @returns false if it was requested before or changes nothing
 */
export async function cancelBatch({ batches, staging }: Parts, id: string): Promise<boolean> {
  if (await batches.request(id, 'cancelRequestedAt')) return true;
  if ((await batches.inRedis(id))?.cancelRequestedAt === null)
    await staging.batches.dropChange(id, 'canceled');
  return false;
}
