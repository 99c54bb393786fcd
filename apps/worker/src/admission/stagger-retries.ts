/** How many of those who wait look again each second. */
const PER_SECOND = 100;
const LEAST_MS = 400;
const MOST_MS = 30_000;

/**
 * Spreads those who wait for the same thing, so that looking costs little however many they are, and goes in the order in
 * which they came. Returns in how many ms the next one is to look again.
 */
export function openTurns(now: () => number = () => performance.now()): () => number {
  let next = 0;
  return () => {
    const at = now();
    next = Math.min(Math.max(next + 1000 / PER_SECOND, at + LEAST_MS), at + MOST_MS);
    return Math.round(next - at);
  };
}
