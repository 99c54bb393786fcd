import type { JobQueue } from '@pixdock/shared/queue/queue';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';

const CHECK_EVERY_MS = 1000;
/** A smaller step delays jobs too little to matter. */
const STEP_MS = 5000;

/**
 * BullMQ's delays end by the wall clock. When the clock goes back, delayed jobs would wait for longer, so all delays end at
 * once. Returns a function that stops the watch.
 */
export function watchClock(queue: Pick<JobQueue, 'endDelays'>, log: Logger): () => void {
  const stopping = new AbortController();
  void watch(stopping.signal);
  return () => stopping.abort();

  async function watch(signal: AbortSignal): Promise<void> {
    let before = wallAhead();
    for (;;) {
      await sleep(CHECK_EVERY_MS, signal);
      if (signal.aborted) return;
      const now = wallAhead();
      const backMs = Math.round(before - now);
      if (backMs < STEP_MS || (await endDelays(backMs))) before = now;
    }
  }

  async function endDelays(backMs: number): Promise<boolean> {
    try {
      await queue.endDelays();
      log.warn({ backMs }, 'the clock went back: delayed jobs run now');
      return true;
    } catch (error) {
      log.debug({ err: error, backMs }, 'the clock went back: delayed jobs cannot run yet');
      return false;
    }
  }
}

const wallAhead = () => Date.now() - performance.now();
