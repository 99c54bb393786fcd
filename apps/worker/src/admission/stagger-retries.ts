/** How many of the waiting jobs try again per second. */
const PER_SECOND = 100;
const MIN_MS = 400;
const MAX_MS = 30_000;

/**
 * Spreads the retries of jobs that wait for the same thing, in the order in which they came, so that the retries cost
 * little however many jobs wait. Each call returns the delay until the next retry, in ms.
 */
export function staggerRetries(now: () => number = () => performance.now()): () => number {
  let next = 0;
  return () => {
    const at = now();
    next = Math.min(Math.max(next + 1000 / PER_SECOND, at + MIN_MS), at + MAX_MS);
    return Math.round(next - at);
  };
}
