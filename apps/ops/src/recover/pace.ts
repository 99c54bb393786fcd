import { sleep } from '@pixdock/shared/runtime/clock';

/** Lets callers pass no more often than so many times a second, evenly. */
export function openPace(perSecond: number): () => Promise<void> {
  const stepMs = 1000 / perSecond;
  let nextAt = performance.now();
  return async () => {
    const now = performance.now();
    nextAt = Math.max(nextAt, now);
    const waitMs = nextAt - now;
    nextAt += stepMs;
    if (waitMs >= 1) await sleep(waitMs);
  };
}
