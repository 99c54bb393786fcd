import { JOBS, type JobName } from '@pixdock/shared/queue/jobs';
import type { QueuedJob } from '@pixdock/shared/queue/queue-view';
import { nowMs } from '@pixdock/shared/runtime/clock';
import { checkBatches } from './check-batches.js';
import { checkDeletions } from './check-deletions.js';
import { checkImages, type ImageCounts } from './check-images.js';
import { checkStagedBatches } from './check-staged-batches.js';
import { checkStagedImages } from './check-staged-images.js';
import { isOld, type ReconcileDeps } from './deps.js';

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

/** Finds abandoned uploads. */
async function checkArrivals({ staging, report, beforeMs }: ReconcileDeps): Promise<void> {
  for await (const arrival of staging.arrivals()) {
    const isAbandoned = () => arrival.isIdle(nowMs() - beforeMs);
    if (!(await isAbandoned())) continue;
    await report.found({
      kind: 'abandoned-arrival',
      id: arrival.name,
      fix: async () => (await isAbandoned()) && arrival.remove(),
    });
  }
}

/** Finds jobs whose image or batch has no record. Returns the number of jobs. */
async function checkJobs(deps: ReconcileDeps): Promise<number> {
  const { view, report } = deps;
  let jobs = 0;
  for await (const job of view.jobs()) {
    jobs++;
    if (!isOld(job.addedAtMs, deps) || (await hasSubject(deps, job))) continue;
    await report.found({ kind: 'job-without-record', id: job.id, evidence: job.name });
  }
  return jobs;
}

async function hasSubject(
  { images, batches, staging }: ReconcileDeps,
  { name, data }: QueuedJob,
): Promise<boolean> {
  if (!(name in JOBS)) return false;
  const { success, data: payload } = JOBS[name as JobName].payload.safeParse(data);
  if (!success) return false;
  if ('imageId' in payload)
    return (
      (await images.inRedis(payload.imageId)) !== null || (await staging.entry(payload.imageId)) !== null
    );
  if ('batchId' in payload)
    return (
      (await batches.inRedis(payload.batchId)) !== null ||
      (await staging.batches.open(payload.batchId)) !== null
    );
  return true;
}
