/**
 * The rule by which owners share whatever is scarce: of those that wait, the one that has used least lately is next. So an
 * owner waits for others at most until they have used as much as it has, and one that is alone never waits.
 */
export interface Turns {
  /** Counts what an owner has used, in one unit for all, such as seconds or bytes. */
  add(owner: string, cost: number): void;
  /** The owner whose turn it is: of several that have used equally little, the first. Null if none waits. */
  next(waiting: Iterable<string>): string | null;
}

/** Use counts half after this time, a quarter after twice the time: longer than a burst of work, and soon forgiven. */
const HALF_LIFE_MS = 10_000;

/** @param now a steady clock in ms */
export function openTurns(halfLifeMs = HALF_LIFE_MS, now = () => performance.now()): Turns {
  const used = new Map<string, { cost: number; at: number }>();

  function usedLately(owner: string): number {
    const { cost, at } = used.get(owner) ?? { cost: 0, at: 0 };
    return cost * 0.5 ** ((now() - at) / halfLifeMs);
  }

  return {
    add: (owner, cost) => void used.set(owner, { cost: usedLately(owner) + cost, at: now() }),

    next(waiting) {
      const [first, ...others] = waiting;
      if (first === undefined) return null;
      return others.reduce((least, owner) => (usedLately(owner) < usedLately(least) ? owner : least), first);
    },
  };
}
