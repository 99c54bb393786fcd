import type { Batches } from '../records/batches.js';
import type { StagedBatches } from './staged-batches.js';

interface Parts {
  batches: Pick<Batches, 'get' | 'request'>;
  staging: { batches: Pick<StagedBatches, 'unmark'> };
}

/**
 * Asks for the cancel that staging has a mark of. Where nothing is left to cancel the mark goes, or it would cancel what is
 * tried again later.
 * @returns false when it was asked before, or could change nothing
 */
export async function cancelBatch({ batches, staging }: Parts, id: string): Promise<boolean> {
  if (await batches.request(id, 'cancelRequestedAt')) return true;
  if ((await batches.get(id))?.cancelRequestedAt === null) await staging.batches.unmark(id, 'canceled');
  return false;
}
