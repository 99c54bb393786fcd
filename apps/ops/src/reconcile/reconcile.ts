import { checkArrivals } from './check-arrivals.js';
import { checkBatches } from './check-batches.js';
import { checkDeletions } from './check-deletions.js';
import { checkImages, type ImageCounts } from './check-images.js';
import { checkJobs } from './check-jobs.js';
import { checkStagedBatches } from './check-staged-batches.js';
import { checkStagedImages } from './check-staged-images.js';
import type { ReconcileDeps } from './deps.js';

export interface AllCounts extends ImageCounts {
  batches: number;
  jobs: number;
}

/**
 * Compares staging → records, records → staging and jobs, jobs → records, and records ↔ bucket. Staging comes first, so that
 * the later checks see everything that it restores. Services may run at the same time: recent changes are ignored, and each
 * difference is checked again before its fix.
 */
export async function reconcileAll(deps: ReconcileDeps): Promise<AllCounts> {
  await checkStagedBatches(deps);
  await checkStagedImages(deps);
  await checkDeletions(deps);
  await checkArrivals(deps);
  const batches = await checkBatches(deps);
  const jobs = await checkJobs(deps);
  return { ...(await checkImages(deps)), batches, jobs };
}
