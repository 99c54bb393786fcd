import type { JobQueue } from '@pixdock/shared/queue/queue';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';

const LOOK_EVERY_MS = 1000;
/** Nobody minds waiting for so much longer. */
const STEP_MS = 5000;

/**
 * BullMQ's delays end by the wall clock. When that goes back, what waits would wait for so much longer; it is looked at at
 * once instead. Returns how to stop.
 */
export function watchClock(queue: Pick<JobQueue, 'endDelays'>, log: Logger): () => void {
  const stopping = new AbortController();
  void watch(stopping.signal);
  return () => stopping.abort();

  async function watch(signal: AbortSignal): Promise<void> {
    let before = wallAhead();
    for (;;) {
      await sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      const now = wallAhead();
      const backMs = Math.round(before - now);
      if (backMs < STEP_MS || (await endDelays(backMs))) before = now;
    }
  }

  async function endDelays(backMs: number): Promise<boolean> {
    try {
      await queue.endDelays();
      log.warn({ backMs }, 'the clock went back: no job waits for what is past');
      return true;
    } catch (error) {
      log.debug({ err: error, backMs }, 'the clock went back: delays not ended yet');
      return false;
    }
  }
}

const wallAhead = () => Date.now() - performance.now();
