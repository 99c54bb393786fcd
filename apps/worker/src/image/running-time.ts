const MAX_TICK_MS = 500;

/**
 * Calls `act` after this process has run for `limitMs`, which may change meanwhile; the returned function cancels the timeout.
 * Time during which the machine was suspended or the container paused does not count.
 */
export function setRunningTimeout(
  limitMs: () => number,
  act: () => void,
  now = () => performance.now(),
): () => void {
  const tickMs = Math.min(MAX_TICK_MS, limitMs() / 10);
  let ranMs = 0;
  let last = now();
  const timer = setInterval(() => {
    const current = now();
    ranMs += Math.min(current - last, 2 * MAX_TICK_MS);
    last = current;
    if (ranMs < limitMs()) return;
    clearInterval(timer);
    act();
  }, tickMs);
  return () => clearInterval(timer);
}
