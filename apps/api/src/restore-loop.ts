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
 * Restores from staging at start, and whenever Redis is not the one of the last restore: after a restart, a fail-over or
 * a FLUSHALL. Looks every `checkMs`, until `signal` aborts.
 */
export async function restoreWhenNew(
  epoch: Epoch,
  restore: () => Promise<RestoreCounts>,
  log: Logger,
  signal: AbortSignal,
  checkMs = CHECK_MS,
): Promise<void> {
  let started = false;
  const told = new Set<string>();
  while (!signal.aborted) {
    try {
      if (!started || (await epoch.isNew())) {
        const end = await epoch.begin();
        log.info(await restore(), 'restored from staging what Redis may have lost');
        await end();
        started = true;
        told.clear();
      }
    } catch (thrown) {
      const error = asError(thrown);
      if (isRedisUnavailable(error)) log.debug({ err: error }, 'Redis is away; restoring later');
      else if (!told.has(error.message)) {
        told.add(error.message);
        log.warn({ err: error }, 'the restore from staging fails; it goes on trying');
      }
    }
    await sleep(checkMs, signal);
  }
}
