import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import type { Parts } from '../deps.js';

/** Deliveries per pass. */
const AT_ONCE = 100;

/** Sends the deliveries of an owner again that failed and were created since a time. */
export function recoverWebhooks({
  recoveries,
  deliveries,
  queue,
}: Parts<'recoveries' | 'deliveries' | 'queue'>): JobHandlers['recover-webhooks'] {
  return async ({ recoveryId }, { signal }) => {
    let recovery = await recoveries.get(recoveryId);
    while (recovery?.status === 'running') {
      if (signal.aborted) return { outcome: 'again', afterMs: 0 };
      const { owner, since, cursor } = recovery;
      const page = await deliveries.list(owner, { status: 'failed' }, cursor, AT_ONCE);
      const failed = page.deliveries.filter(({ createdAt }) => createdAt >= since);
      for (const delivery of failed) await deliveries.restart(delivery);
      for (const endpointId of new Set(failed.map((delivery) => delivery.endpointId)))
        await queue.deliver(endpointId, owner);
      const isOlder = failed.length === 0 && page.deliveries.length > 0;
      recovery = {
        ...recovery,
        status: page.next === null || isOlder ? 'finished' : 'running',
        resent: recovery.resent + failed.length,
        cursor: page.next,
      };
      await recoveries.save(recovery);
    }
    return { outcome: 'done' };
  };
}
