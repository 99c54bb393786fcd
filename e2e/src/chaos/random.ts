import { createHash } from 'node:crypto';

/** Pseudo-random numbers that depend on the seed alone. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, at least 0, less than the limit. */
  below(limit: number): number;
  pick<T>(all: readonly T[]): T;
  /** An independent sequence, for a lane that draws concurrently. */
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
