import type { Random } from '../random.js';
import type { Run } from '../run.js';

export interface Context {
  random: Random;
  /** Of the load. */
  uploads: number;
  /** How long a mix of faults goes on, and how often something breaks in it. */
  mix: { ms: number; faultEveryMs: number };
  say: (line: string) => void;
}

/** Once it is over and all is quiet, I1 to I8 must hold. */
export type Part = (run: Run) => Promise<void>;

export interface Scenario {
  name: string;
  /** What is done, for whoever reads the list. */
  what: string;
  /** Each on a run for itself, several at once. */
  parts(context: Context): Part[];
}
