import { JOBS, type JobName } from '@pixdock/shared/queue/jobs';
import type { QueuedJob } from '@pixdock/shared/queue/queue-view';
import { isOld, type ReconcileDeps } from './deps.js';

/** Finds jobs whose image or batch has no record. Returns the number of jobs. */
export async function checkJobs(deps: ReconcileDeps): Promise<number> {
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
  { records, batches, staging }: ReconcileDeps,
  { name, data }: QueuedJob,
): Promise<boolean> {
  if (!(name in JOBS)) return false;
  const { success, data: payload } = JOBS[name as JobName].payload.safeParse(data);
  if (!success) return false;
  if ('imageId' in payload)
    return (await records.get(payload.imageId)) !== null || (await staging.entry(payload.imageId)) !== null;
  if ('batchId' in payload)
    return (
      (await batches.get(payload.batchId)) !== null || (await staging.batches.open(payload.batchId)) !== null
    );
  return true;
}
