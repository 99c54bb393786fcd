const MAX_TICK_MS = 500;

/**
 * Calls `act` after this process has run for `ms`; the returned function cancels the timeout. Time during which the machine
 * was suspended or the container paused does not count.
 */
export function setRunningTimeout(ms: number, act: () => void, now = () => performance.now()): () => void {
  const tickMs = Math.min(MAX_TICK_MS, ms / 10);
  let remaining = ms;
  let last = now();
  const timer = setInterval(() => {
    const current = now();
    remaining -= Math.min(current - last, 2 * MAX_TICK_MS);
    last = current;
    if (remaining > 0) return;
    clearInterval(timer);
    act();
  }, tickMs);
  return () => clearInterval(timer);
}
