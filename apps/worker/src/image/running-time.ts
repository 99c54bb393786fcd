const LONGEST_TICK_MS = 500;

/**
 * Calls `act` once so much time has passed in which this process ran; the returned function ends that. A machine that was
 * frozen for a while, or a container that was paused, is no fault of what was in hand.
 */
export function afterRunning(ms: number, act: () => void, now = () => performance.now()): () => void {
  const tickMs = Math.min(LONGEST_TICK_MS, ms / 10);
  let left = ms;
  let last = now();
  const timer = setInterval(() => {
    const at = now();
    left -= Math.min(at - last, 2 * LONGEST_TICK_MS);
    last = at;
    if (left > 0) return;
    clearInterval(timer);
    act();
  }, tickMs);
  return () => clearInterval(timer);
}
