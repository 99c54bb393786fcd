/** How many of an owner's waiting jobs try again per second. */
const PER_SECOND = 100;
const MIN_MS = 400;
const MAX_MS = 30_000;

/**
 * Spreads the retries of an owner's jobs that wait for the same thing, in the order in which they came, so that the retries
 * cost little however many jobs wait. Each call returns the delay until the next retry, in ms.
 */
export function staggerRetries(now: () => number = () => performance.now()): (owner: string) => number {
  /** When the last retry of each owner is due. Has at most one entry for each owner with an API key. */
  const due = new Map<string, number>();
  return (owner) => {
    const at = now();
    const next = Math.min(Math.max((due.get(owner) ?? 0) + 1000 / PER_SECOND, at + MIN_MS), at + MAX_MS);
    due.set(owner, next);
    return Math.round(next - at);
  };
}
