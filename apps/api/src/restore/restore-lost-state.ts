import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { openPause } from '@pixdock/shared/state/pause';
import { beginComparison, beginRestore } from '@pixdock/shared/state/restore/restore';
import type { RestoreParts } from '@pixdock/shared/state/restore/restore-parts';
import { openLeases } from '@pixdock/shared/state/service/leases';
import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { openRestoreRounds } from './restore-rounds.js';
import { restoreWhenNew } from './restore-when-new.js';
import { openSharedRestore } from './shared-restore.js';

interface Parts extends RestoreParts {
  redis: RedisConnection;
  prefix: string;
  epoch: Epoch;
  endpoints: Pick<Endpoints, 'restore'>;
}

/** Another server takes over what one has restored or compared when that one has been dead for so long. */
const LEASE_MS = 5000;

/** Restores from staging whatever Redis has lost, at the start and after each loss, until `signal` aborts. */
export async function restoreLostState(
  parts: Parts,
  sweepEveryMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { redis, prefix, staging, queue, endpoints } = parts;
  const leases = openLeases(redis, prefix, LEASE_MS);
  const shared = openSharedRestore(redis, parts.epoch, leases);
  const restores = {
    begin(epoch: number) {
      const restore = beginRestore(parts, epoch);
      async function restoreWaiting(): Promise<void> {
        // Before the first job is restored.
        await openPause(redis, prefix, staging.notes, queue).restore();
        // Redis loses the schedule, too.
        await queue.scheduleSweep(sweepEveryMs);
        // The relay waits until the restore has ended.
        await endpoints.restore();
        await restore.restoreWaiting();
      }
      return {
        counts: restore.counts,
        restoreWaiting,
        restoreRecent: () => shared.restoreAll(restore, epoch, 'recent', signal),
        restoreOlder: () => shared.restoreAll(restore, epoch, 'older', signal),
        help: () => shared.help(restore, epoch),
      };
    },
    beginComparison: (ended: AbortSignal) => beginComparison(parts, ended),
  };
  const rounds = openRestoreRounds(redis, parts.epoch);
  await restoreWhenNew({ ...parts, rounds, leases }, restores, signal);
  leases.stop();
}
