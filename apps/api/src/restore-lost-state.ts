import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { isRedisUnavailable } from '@pixdock/shared/runtime/redis-unavailable';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { openPause } from '@pixdock/shared/state/pause';
import { openRestore, openSlowRestore, type Restore } from '@pixdock/shared/state/restore/restore';
import type { RestoreCounts, RestoreParts } from '@pixdock/shared/state/restore/restore-parts';
import { type Leases, openLeases } from '@pixdock/shared/state/service/leases';
import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { openRestoreRounds, type RestoreRounds } from './restore-rounds.js';

interface Parts extends RestoreParts {
  redis: RedisConnection;
  prefix: string;
  epoch: Epoch;
  endpoints: Pick<Endpoints, 'restore'>;
}

/** Another server compares the final images when one has died for so long. */
const COMPARISON_LEASE_MS = 10_000;

/** Restores from staging whatever Redis has lost, at the start and after each loss, until `signal` aborts. */
export async function restoreLostState(
  parts: Parts,
  sweepEveryMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { redis, prefix, staging, queue, endpoints } = parts;
  const restores = {
    openRestore(epoch: number) {
      const restore = openRestore(parts, epoch);
      async function restoreOpen(): Promise<void> {
        // Before the first job is restored.
        await openPause(redis, prefix, staging.notes, queue).restore();
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
  const leases = openLeases(redis, prefix, COMPARISON_LEASE_MS);
  const rounds = openRestoreRounds(redis, parts.epoch);
  await restoreWhenNew({ ...parts, rounds, leases }, restores, signal);
  leases.stop();
}

const CHECK_MS = 1000;

interface Servers {
  epoch: Pick<Epoch, 'current' | 'tryRestore'>;
  rounds: RestoreRounds;
  leases: Pick<Leases, 'acquire'>;
  log: Logger;
}

interface Restores {
  openRestore: (epoch: number) => Restore;
  openSlowRestore: (signal: AbortSignal) => () => Promise<RestoreCounts>;
}

/** The epoch, and the number of starts before the work began. */
interface Begun {
  epoch: number;
  starts: number;
}

/**
 * Restores from staging when Redis may have lost data since the last restore: after a restart, a failover or a FLUSHALL. If Redis
 * has lost nothing, the start of a server makes two rounds due: one over the images in progress, at once, and one over the final
 * images, slowly, since they may be millions. One server does each for all of them, and another one if this server dies. Checks
 * every `checkMs` until `signal` aborts. After an error, it continues the restore unless Redis has lost data meanwhile.
 */
export async function restoreWhenNew(
  { epoch, rounds, leases, log }: Servers,
  restores: Restores,
  signal: AbortSignal,
  checkMs = CHECK_MS,
): Promise<void> {
  let isStartNoted = false;
  /** Whether both rounds since the start of this server have ended. */
  let isServed = false;
  /** A restore that may continue after an error. */
  let begun: (Begun & { restore: Restore }) | null = null;
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
  await endComparison();

  async function check(): Promise<void> {
    const { number, isRestored } = await epoch.current();
    if (isRestored && isServed) return;
    if (!isStartNoted) await rounds.noteStart();
    isStartNoted = true;
    const { starts, isDue } = await rounds.read();
    // Images that it has compared may have changed before the latest start.
    if (comparison?.epoch !== number || comparison.starts !== starts) await endComparison();
    if (!isRestored || isDue.open) await restoreOnce();
    else if (isDue.final) comparison ??= beginComparison({ epoch: number, starts });
    else isServed = true;
  }

  async function restoreOnce(): Promise<void> {
    await using lock = await epoch.tryRestore();
    if (lock === null) return;
    // Another server may have restored everything until it lost the lock.
    const { number, isRestored } = await epoch.current();
    const { starts, isDue } = await rounds.read();
    if (isRestored && !isDue.open) return;
    if (begun?.epoch !== number) begun = { epoch: number, starts, restore: restores.openRestore(number) };
    const { restore } = begun;
    await restore.restoreOpen();
    if (!isRestored) {
      await restore.restoreRecent();
      await lock.openClaims(number);
      await restore.restoreOthers();
      await lock.end(number);
      // Final images are compared now, also for servers that started meanwhile.
      await rounds.end('final', (await rounds.read()).starts, number);
    }
    await rounds.end('open', begun.starts, number);
    log.info(restore.counts, RESTORED);
    begun = null;
    reported.clear();
  }

  function beginComparison(after: Begun) {
    const ending = new AbortController();
    const ended = compareFinal(after, ending.signal).finally(() => {
      comparison = null;
    });
    return { ...after, ending, ended };
  }

  async function endComparison(): Promise<void> {
    comparison?.ending.abort();
    await comparison?.ended;
  }

  async function compareFinal(after: Begun, ended: AbortSignal): Promise<void> {
    using lease = await leases.acquire('comparisons', 'final', 1);
    if (lease === null) return;
    const restoreSlowly = restores.openSlowRestore(ended);
    while (!ended.aborted) {
      try {
        // Another server may have compared them until it released the lease.
        if (!(await rounds.read()).isDue.final) return;
        const counts = await restoreSlowly();
        if (counts.records > 0) log.info(counts, RESTORED);
        if (!ended.aborted) await rounds.end('final', after.starts, after.epoch);
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
