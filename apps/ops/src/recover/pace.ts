import { sleep } from '@pixdock/shared/runtime/clock';

/** Spaces calls evenly, at most `perSecond` per second. */
export function createPace(perSecond: number): () => Promise<void> {
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
