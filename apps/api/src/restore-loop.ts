import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import { isRedisUnavailable } from '@pixdock/shared/runtime/redis-unavailable';
import type { BegunRestore } from '@pixdock/shared/state/redis-epoch';
import type { Restore } from '@pixdock/shared/state/restore';

const CHECK_MS = 1000;

interface Epoch {
  isNew(): Promise<boolean>;
  begin(): Promise<BegunRestore>;
}

interface Restores {
  openRestore: (which: 'all' | 'live') => Restore;
  openSlowRestore: (signal: AbortSignal) => Restore;
}

/**
 * Restores from staging at start, and when Redis may have lost data since the last restore: after a restart, a failover or a
 * FLUSHALL. Checks every `checkMs` until `signal` aborts. At a start it restores only images in progress at once if Redis has
 * lost nothing: final images may be millions. After an error, it continues the restore unless Redis has lost data meanwhile.
 */
export async function restoreWhenNew(
  epoch: Epoch,
  { openRestore, openSlowRestore }: Restores,
  log: Logger,
  signal: AbortSignal,
  checkMs = CHECK_MS,
): Promise<void> {
  let started = false;
  let restoring: Awaited<ReturnType<typeof begin>> | null = null;
  const reported = new Set<string>();
  let comparing = Promise.resolve();
  let ending = new AbortController();
  while (!signal.aborted) {
    try {
      if (!started || (await epoch.isNew())) {
        if (restoring !== null && !(await restoring.canContinue())) restoring = null;
        restoring ??= await begin();
        ending.abort();
        log.info(await restoring.restore(), RESTORED);
        await restoring.end();
        ending = new AbortController();
        if (!restoring.isNew) comparing = compareFinal(ending.signal);
        started = true;
        reported.clear();
      }
      // It has ended, or another server has restored everything.
      restoring = null;
    } catch (thrown) {
      report(thrown);
    }
    await sleep(checkMs, signal);
  }
  ending.abort();
  await comparing;

  async function begin() {
    const begun = await epoch.begin();
    // After `begin`: Redis that loses data from now on still counts as new after this restore.
    const isNew = await epoch.isNew();
    return { ...begun, isNew, restore: openRestore(isNew ? 'all' : 'live') };
  }

  async function compareFinal(ended: AbortSignal): Promise<void> {
    const restoreSlowly = openSlowRestore(ended);
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
