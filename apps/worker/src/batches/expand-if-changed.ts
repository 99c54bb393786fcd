import type { JobFollowUps } from '@pixdock/shared/queue/jobs';
import { isBatchSettled } from '@pixdock/shared/state/records/batch-state';
import type { Parts } from '../deps.js';

/**
 * Expands a batch again that was changed while its job ended: the request for the change found that job in the queue, and
 * added no other.
 */
export function expandIfChanged({
  batches,
  staging,
  queue,
}: Parts<'batches' | 'staging' | 'queue'>): NonNullable<JobFollowUps['expand-batch']> {
  return async ({ batchId }) => {
    const state = await batches.get(batchId);
    if (state === null || isBatchSettled(state)) return;
    // Without the files of its batch, the job would end at once, again and again.
    if ((await staging.batches.open(batchId)) !== null) await queue.expand(batchId);
  };
}
