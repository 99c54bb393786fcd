import { createHash } from 'node:crypto';

/** Numbers that look like chance and depend on the seed alone. */
export interface Random {
  /** From 0, below 1. */
  next(): number;
  /** A whole number from 0, below the limit. */
  below(limit: number): number;
  pick<T>(all: readonly T[]): T;
  /** Another such source, for somebody who draws at a time of their own. */
  fork(name: string): Random;
}

export function openRandom(seed: string): Random {
  let drawn = 0;
  const random: Random = {
    next: () => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32LE() / 2 ** 32,
    below: (limit) => Math.floor(random.next() * limit),
    pick<T>(all: readonly T[]): T {
      const picked = all[random.below(all.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    fork: (name) => openRandom(`${seed} ${name}`),
  };
  return random;
}
