import type { Random } from '../random.js';
import type { Run } from '../run.js';

/** Something that breaks, and is whole again when `strike` is over. */
export interface Fault {
  name: string;
  /** What is done, for whoever reads the list. */
  what: string;
  strike(run: Run, random: Random): Promise<void>;
}
