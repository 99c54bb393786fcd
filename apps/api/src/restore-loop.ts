import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { SlowRestore } from '@pixdock/shared/state/restore';
import type { RestoreCounts } from '@pixdock/shared/state/restore-parts';
import { isRedisUnavailable } from './redis-unavailable.js';

const CHECK_MS = 1000;

interface Epoch {
  isNew(): Promise<boolean>;
  begin(): Promise<() => Promise<void>>;
}

interface Restores {
  restore: (which: 'all' | 'live') => Promise<RestoreCounts>;
  openSlowRestore: () => SlowRestore;
}

/**
 * Restores from staging at start, and when Redis may have lost data since the last restore: after a restart, a failover or a
 * FLUSHALL. Checks every `checkMs` until `signal` aborts. At a start it restores only images in progress at once if Redis has
 * lost nothing: final images may be millions.
 */
export async function restoreWhenNew(
  epoch: Epoch,
  { restore, openSlowRestore }: Restores,
  log: Logger,
  signal: AbortSignal,
  checkMs = CHECK_MS,
): Promise<void> {
  let started = false;
  const reported = new Set<string>();
  let comparing = Promise.resolve();
  let ending = new AbortController();
  while (!signal.aborted) {
    try {
      if (!started || (await epoch.isNew())) {
        const end = await epoch.begin();
        // After `begin`: Redis that loses data from now on still counts as new after this restore.
        const isNew = await epoch.isNew();
        ending.abort();
        log.info(await restore(isNew ? 'all' : 'live'), RESTORED);
        await end();
        ending = new AbortController();
        if (!isNew) comparing = compareFinal(ending.signal);
        started = true;
        reported.clear();
      }
    } catch (thrown) {
      report(thrown);
    }
    await sleep(checkMs, signal);
  }
  ending.abort();
  await comparing;

  async function compareFinal(ended: AbortSignal): Promise<void> {
    const restoreSlowly = openSlowRestore();
    for (let isDone = false; !isDone && !ended.aborted; ) {
      try {
        const counts = await restoreSlowly(ended);
        if (counts.records > 0) log.info(counts, RESTORED);
        isDone = true;
      } catch (thrown) {
        report(thrown);
        await sleep(checkMs, ended);
      }
    }
  }

  function report(thrown: unknown): void {
    const error = asError(thrown);
    if (isRedisUnavailable(error)) log.debug({ err: error }, 'Redis is unavailable; restoring later');
    else if (!reported.has(error.message)) {
      reported.add(error.message);
      log.warn({ err: error }, 'the restore from staging failed; it will be repeated');
    }
  }
}

const RESTORED = 'restored from staging what Redis may have lost';
