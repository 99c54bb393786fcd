import { checkArrivals } from './check-arrivals.js';
import { checkBatches } from './check-batches.js';
import { checkDeletions } from './check-deletions.js';
import { checkImages, type Looked } from './check-images.js';
import { checkJobs } from './check-jobs.js';
import { checkStagedBatches } from './check-staged-batches.js';
import { checkStagedImages } from './check-staged-images.js';
import type { ReconcileDeps } from './deps.js';

export interface LookedAll extends Looked {
  batches: number;
  jobs: number;
}

/**
 * Looks in every direction: staging → records, records → staging and jobs, jobs → records, records ↔ bucket. What staging
 * has comes first, so that nothing which it can bring back is missed by the others. May run beside the services: what
 * changed lately is left alone, and each finding is looked at anew before it is mended.
 */
export async function reconcileAll(deps: ReconcileDeps): Promise<LookedAll> {
  await checkStagedBatches(deps);
  await checkStagedImages(deps);
  await checkDeletions(deps);
  await checkArrivals(deps);
  const batches = await checkBatches(deps);
  const jobs = await checkJobs(deps);
  return { ...(await checkImages(deps)), batches, jobs };
}
