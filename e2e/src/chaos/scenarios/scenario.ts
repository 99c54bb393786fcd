import type { Random } from '../random.js';
import type { Run } from '../run.js';

export interface Context {
  random: Random;
  /** Number of uploads in the `load` scenario. */
  uploads: number;
  /** Duration of the mix, and time between two faults. */
  mix: { ms: number; faultEveryMs: number };
  say: (line: string) => void;
}

/** I1 to I8 must hold once it has ended and the queues are empty. */
export type Part = (run: Run) => Promise<void>;

export interface Scenario {
  name: string;
  /** Description for `--list`. */
  what: string;
  /** Parts run in parallel, each in its own run. */
  parts(context: Context): Part[];
}
