import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { openPause } from '@pixdock/shared/state/pause';
import { openRestore, openSlowRestore } from '@pixdock/shared/state/restore/restore';
import type { RestoreParts } from '@pixdock/shared/state/restore/restore-parts';
import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { restoreWhenNew } from './restore-loop.js';

interface Parts extends RestoreParts {
  redis: RedisConnection;
  prefix: string;
  epoch: Epoch;
  endpoints: Pick<Endpoints, 'restore'>;
}

/** Restores from staging whatever Redis has lost, at the start and after each loss, until `signal` aborts. */
export function restoreLostState(parts: Parts, sweepEveryMs: number, signal: AbortSignal): Promise<void> {
  const { redis, prefix, staging, queue, endpoints, log } = parts;
  const restores = {
    openRestore(epoch: number) {
      const restore = openRestore(parts, epoch);
      async function restoreOpen(): Promise<void> {
        // Before the first job is restored.
        await openPause(redis, prefix, staging.layout, queue).restore();
        // Redis loses the schedule, too.
        await queue.scheduleSweep(sweepEveryMs);
        // The relay waits until the restore has ended.
        await endpoints.restore();
        await restore.restoreOpen();
      }
      return { ...restore, restoreOpen };
    },
    openSlowRestore: (ended: AbortSignal) => openSlowRestore(parts, ended),
  };
  return restoreWhenNew(parts.epoch, restores, log, signal);
}
