import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RestoreCounts } from '@pixdock/shared/state/restore';
import { isRedisUnavailable } from './redis-unavailable.js';

const CHECK_MS = 1000;

interface Epoch {
  isNew(): Promise<boolean>;
  begin(): Promise<() => Promise<void>>;
}

/**
 * Restores from staging at start, and when Redis may have lost data since the last restore: after a restart, a failover or a
 * FLUSHALL. If Redis has lost nothing, only images in progress can lack a record or a job, and the outcomes, which may be
 * millions, are not read. Checks every `checkMs` until `signal` aborts.
 */
export async function restoreWhenNew(
  epoch: Epoch,
  restore: (which: 'all' | 'live') => Promise<RestoreCounts>,
  log: Logger,
  signal: AbortSignal,
  checkMs = CHECK_MS,
): Promise<void> {
  let started = false;
  const reported = new Set<string>();
  while (!signal.aborted) {
    try {
      if (!started || (await epoch.isNew())) {
        const end = await epoch.begin();
        // After `begin`: Redis that loses data from now on still counts as new after this restore.
        const which = (await epoch.isNew()) ? 'all' : 'live';
        log.info(await restore(which), 'restored from staging what Redis may have lost');
        await end();
        started = true;
        reported.clear();
      }
    } catch (thrown) {
      const error = asError(thrown);
      if (isRedisUnavailable(error)) log.debug({ err: error }, 'Redis is unavailable; restoring later');
      else if (!reported.has(error.message)) {
        reported.add(error.message);
        log.warn({ err: error }, 'the restore from staging failed; it will be repeated');
      }
    }
    await sleep(checkMs, signal);
  }
}
