import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import type { Delivery } from '@pixdock/shared/state/webhooks/delivery';
import type { Parts } from '../deps.js';

/** Deliveries per pass, so that the job leaves its slot to other jobs after a fraction of a second. */
const DELIVERIES_PER_PASS = 100;

/** Sends the deliveries of an owner again that failed and were created since a time, pass after pass. */
export function recoverWebhooks({
  recoveries,
  deliveries,
  queue,
}: Parts<'recoveries' | 'deliveries' | 'queue'>): JobHandlers['recover-webhooks'] {
  return async ({ recoveryId }, { signal }) => {
    const recovery = await recoveries.get(recoveryId);
    if (recovery?.status !== 'running') return { outcome: 'done' };
    if (signal.aborted) return { outcome: 'again', afterMs: 0 };
    const { owner, since, cursor } = recovery;
    const matches = ({ status }: Delivery) => status === 'failed';
    const wanted = { matches, sinceMs: Date.parse(since) };
    const page = await deliveries.list(owner, wanted, cursor, DELIVERIES_PER_PASS);
    // Their entries in the index are a moment younger.
    const failed = page.items.filter(({ createdAt }) => createdAt >= since);
    for (const delivery of failed) await deliveries.restart(delivery);
    for (const endpointId of new Set(failed.map((delivery) => delivery.endpointId)))
      await queue.deliver(endpointId, owner);
    const isLast = page.next === null;
    await recoveries.save({
      ...recovery,
      status: isLast ? 'finished' : 'running',
      resent: recovery.resent + failed.length,
      cursor: page.next,
    });
    return isLast ? { outcome: 'done' } : { outcome: 'again', afterMs: 0 };
  };
}
