import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { isRedisUnavailable } from '@pixdock/shared/runtime/redis-unavailable';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { openPause } from '@pixdock/shared/state/pause';
import { openRestore, openSlowRestore, type Restore } from '@pixdock/shared/state/restore/restore';
import type { RestoreCounts, RestoreParts } from '@pixdock/shared/state/restore/restore-parts';
import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';

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

const CHECK_MS = 1000;

interface Restores {
  openRestore: (epoch: number) => Restore;
  openSlowRestore: (signal: AbortSignal) => () => Promise<RestoreCounts>;
}

/** A restore that has begun, and may continue after an error. */
interface Begun {
  epoch: number;
  restore: Restore;
}

/**
 * Restores from staging at start, and when Redis may have lost data since the last restore: after a restart, a failover or a
 * FLUSHALL. Of several servers, one restores at a time. Checks every `checkMs` until `signal` aborts. At a start it restores only
 * images in progress at once if Redis has lost nothing: final images may be millions. After an error, it continues the restore
 * unless Redis has lost data meanwhile.
 */
export async function restoreWhenNew(
  epoch: Pick<Epoch, 'current' | 'tryRestore'>,
  restores: Restores,
  log: Logger,
  signal: AbortSignal,
  checkMs = CHECK_MS,
): Promise<void> {
  let started = false;
  let begun: Begun | null = null;
  const reported = new Set<string>();
  let comparing = Promise.resolve();
  let ending = new AbortController();
  while (!signal.aborted) {
    try {
      const { isRestored } = await epoch.current();
      if (!started || !isRestored) await restoreOnce();
    } catch (thrown) {
      report(thrown);
    }
    await sleep(checkMs, signal);
  }
  ending.abort();
  await comparing;

  async function restoreOnce(): Promise<void> {
    await using lock = await epoch.tryRestore();
    if (lock === null) return;
    // Another server may have restored everything until it lost the lock.
    const { number, isRestored } = await epoch.current();
    if (started && isRestored) return;
    if (begun?.epoch !== number) begun = { epoch: number, restore: restores.openRestore(number) };
    const { restore } = begun;
    ending.abort();
    await restore.restoreOpen();
    if (!isRestored) {
      await restore.restoreRecent();
      await lock.openClaims(number);
      await restore.restoreOthers();
      await lock.end(number);
    }
    log.info(restore.counts, RESTORED);
    begun = null;
    ending = new AbortController();
    if (isRestored) comparing = compareFinal(ending.signal);
    started = true;
    reported.clear();
  }

  async function compareFinal(ended: AbortSignal): Promise<void> {
    const restoreSlowly = restores.openSlowRestore(ended);
    for (let isDone = false; !isDone && !ended.aborted; ) {
      try {
        const counts = await restoreSlowly();
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
