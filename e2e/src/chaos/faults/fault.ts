import type { Random } from '../random.js';
import type { Installation, Run } from '../run.js';

/** Breaks something and repairs it before `strike` resolves. */
export interface Fault<R extends Installation = Run> {
  name: string;
  /** Description for `--list`. */
  what: string;
  strike(run: R, random: Random): Promise<void>;
}
