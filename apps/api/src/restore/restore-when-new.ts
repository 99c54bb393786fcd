import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import { isRedisUnavailable } from '@pixdock/shared/runtime/redis-unavailable';
import type { Epoch } from '@pixdock/shared/state/epoch';
import type { RestoreCounts } from '@pixdock/shared/state/restore/restore-parts';
import type { Leases } from '@pixdock/shared/state/service/leases';
import type { RestoreRounds } from './restore-rounds.js';

const CHECK_MS = 1000;

interface Parts {
  epoch: Pick<Epoch, 'current' | 'tryRestore'>;
  rounds: RestoreRounds;
  leases: Pick<Leases, 'acquire'>;
  log: Logger;
}

/** A restore by several servers. After an error, the next call of a part of it continues where it was interrupted. */
export interface RestoreByServers {
  restoreWaiting(): Promise<void>;
  restoreRecent(): Promise<void>;
  restoreOlder(): Promise<void>;
  /** Takes a part of what another server restores. */
  help(): Promise<void>;
  /** Of this server. */
  readonly counts: RestoreCounts;
}

interface Restores {
  begin: (epoch: number) => RestoreByServers;
  beginComparison: (signal: AbortSignal) => () => Promise<RestoreCounts>;
}

/** The epoch, and the number of starts before the work began. */
interface Begun {
  epoch: number;
  starts: number;
}

/**
 * Restores from staging when Redis may have lost data since the last restore: after a restart, a failover or a FLUSHALL. If Redis
 * has lost nothing, the start of a server makes two rounds due: one over the images in progress, at once, and one over the final
 * images, slowly, since they may be millions. One server does each for all of them, and another one if this server dies; the others
 * help it to restore outcomes. Checks every `checkMs` until `signal` aborts. After an error, it continues the restore unless Redis has
 * lost data meanwhile.
 */
export async function restoreWhenNew(
  { epoch, rounds, leases, log }: Parts,
  restores: Restores,
  signal: AbortSignal,
  checkMs = CHECK_MS,
): Promise<void> {
  let isStartNoted = false;
  /** Whether both rounds since the start of this server have ended. */
  let isServed = false;
  /** A restore that may continue after an error. */
  let begun: (Begun & { restore: RestoreByServers }) | null = null;
  let comparison: (Begun & { ending: AbortController; ended: Promise<void> }) | null = null;
  const reported = new Set<string>();
  while (!signal.aborted) {
    try {
      await check();
    } catch (thrown) {
      report(thrown);
    }
    await sleep(checkMs, signal);
  }
  await stopComparison();

  async function check(): Promise<void> {
    const { number, isRestored } = await epoch.current();
    if (isRestored && isServed) return;
    if (!isStartNoted) await rounds.noteStart();
    isStartNoted = true;
    const { starts, isDue } = await rounds.read();
    // Images that it has compared may have changed before the latest start.
    if (comparison?.epoch !== number || comparison.starts !== starts) await stopComparison();
    if (!isRestored || isDue.restore) await restoreOnce();
    else if (isDue.comparison) comparison ??= startComparison({ epoch: number, starts });
    else isServed = true;
  }

  async function restoreOnce(): Promise<void> {
    await using lock = await epoch.tryRestore();
    // Another server may have restored everything until it lost the lock.
    const { number, isRestored } = await epoch.current();
    const { starts, isDue } = await rounds.read();
    if (isRestored && !isDue.restore) return;
    if (begun?.epoch !== number) begun = { epoch: number, starts, restore: restores.begin(number) };
    const { restore } = begun;
    if (lock === null) {
      const { records } = restore.counts;
      await restore.help();
      if (restore.counts.records > records) log.info(restore.counts, 'restored images beside another server');
      return;
    }
    await restore.restoreWaiting();
    if (!isRestored) {
      await restore.restoreRecent();
      await lock.openClaims(number);
      await restore.restoreOlder();
      await lock.end(number);
      // Final images are compared now, also for servers that started meanwhile.
      await rounds.end('comparison', (await rounds.read()).starts, number);
    }
    await rounds.end('restore', begun.starts, number);
    log.info(restore.counts, RESTORED);
    begun = null;
    reported.clear();
  }

  function startComparison(after: Begun) {
    const ending = new AbortController();
    const ended = compare(after, ending.signal).finally(() => {
      comparison = null;
    });
    return { ...after, ending, ended };
  }

  async function stopComparison(): Promise<void> {
    comparison?.ending.abort();
    await comparison?.ended;
  }

  async function compare(after: Begun, ended: AbortSignal): Promise<void> {
    using lease = await leases.acquire('comparisons', 'final', 1);
    if (lease === null) return;
    const continueComparison = restores.beginComparison(ended);
    while (!ended.aborted) {
      try {
        // Another server may have compared them until it released the lease.
        if (!(await rounds.read()).isDue.comparison) return;
        const counts = await continueComparison();
        if (counts.records > 0) log.info(counts, RESTORED);
        if (!ended.aborted) await rounds.end('comparison', after.starts, after.epoch);
        return;
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
