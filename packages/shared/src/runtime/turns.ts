/**
 * Lets owners share a scarce resource in turns: when some of it is free, the owner that waits and has used the least lately is
 * next. So an owner waits only until the others have used as much as it has. Owners take turns with requests (fair-queue.ts), with
 * work on large requests (slices.ts), with work of which only so much is done at a time (places.ts) and with webhook events
 * (relay.ts). Each of these counts use for itself.
 */
export interface Turns {
  /** Counts what an owner has used or is about to use, in one unit for all, such as seconds or bytes. */
  add(owner: string, cost: number): void;
  /** The owner whose turn it is; of owners with equal use, the first. Null if none waits. */
  next(waiting: Iterable<string>): string | null;
}

/** After this time, use counts half: longer than a burst of work, and short enough that an owner soon has its full share again. */
const HALF_LIFE_MS = 10_000;

/** @param now a steady clock in ms */
export function openTurns(halfLifeMs = HALF_LIFE_MS, now = () => performance.now()): Turns {
  /** Has at most one entry for each owner with an API key. */
  const used = new Map<string, { cost: number; at: number }>();

  function usedBefore(owner: string, nowMs: number): number {
    const { cost, at } = used.get(owner) ?? { cost: 0, at: 0 };
    return cost * 0.5 ** ((nowMs - at) / halfLifeMs);
  }

  return {
    add(owner, cost) {
      const at = now();
      used.set(owner, { cost: usedBefore(owner, at) + cost, at });
    },

    next(waiting) {
      const at = now();
      let best: string | null = null;
      let least = Number.POSITIVE_INFINITY;
      for (const owner of waiting) {
        const cost = usedBefore(owner, at);
        if (cost < least) [best, least] = [owner, cost];
      }
      return best;
    },
  };
}
