import type { Random } from '../random.js';
import type { Run } from '../run.js';

/** Breaks something and repairs it before `strike` resolves. */
export interface Fault {
  name: string;
  /** Description for `--list`. */
  what: string;
  strike(run: Run, random: Random): Promise<void>;
}
