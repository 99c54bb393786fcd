import type { Random } from '../random.js';
import type { Installation, Run } from '../run.js';

export interface Context {
  random: Random;
  /** Number of uploads in the `load` scenario, and in all scenarios with hosts together. */
  uploads: number;
  /** Duration of the mix, and time between two faults. */
  mix: { ms: number; faultEveryMs: number };
  say: (line: string) => void;
}

/** I1 to I8 must hold once it has ended and the queues are empty. */
export type Part<R extends Installation = Run> = (run: R) => Promise<void>;

export interface Scenario<R extends Installation = Run> {
  name: string;
  /** Description for `--list`. */
  what: string;
  /** Parts run in parallel, each in its own run. */
  parts(context: Context): Part<R>[];
}
