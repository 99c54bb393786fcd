import type { Stack } from '../harness/stack.js';
import type { Alice } from './alice/alice.js';

/** One way in which an owner with one ordinary API key tries to harm another owner. */
export interface Attack {
  name: string;
  /** One line for `--list`. */
  about: string;
  /** Settings of the stack that is attacked. */
  env?: Record<string, string>;
  /** Limits of alice; the defaults apply to the others. */
  limits?: Record<string, number>;
  /** Alice is stopped after this time; 25 s unless given. */
  maxMs?: number;
  /** How long bob is watched after alice has finished; 2 s unless given. */
  watchMs?: number;
  /** Alice deletes everything at the end, so staging must become free. */
  isDeleted?: boolean;
  /** Bytes that staging takes of the disk per byte sent; 30 unless given. */
  maxStagingFactor?: number;
  /** Runs in the process that owns the stack, before alice starts. */
  prepare?: (stack: Stack, size: number) => Promise<void>;
  /** Runs in alice's process. `size` multiplies the numbers of the original finding. */
  run: (alice: Alice, size: number) => Promise<void>;
  /** Runs in the process that owns the stack, while alice attacks; `signal` aborts when she stops. Returns findings. */
  beside?: (beside: Beside, signal: AbortSignal) => Promise<string[]>;
  /** Runs in the process that owns the stack, right after alice has finished. Returns findings. */
  check?: (target: Target, size: number) => Promise<string[]>;
}

/** The means for bob to send requests besides his steady ones. */
interface Beside {
  api: string;
  picture: Buffer;
  /** Origin of a source of images that alice does not use. */
  source: string;
}

/** Input of a check. */
interface Target {
  stack: Stack;
  /** Requests that alice sent. */
  sent: number;
  /** How long alice took. */
  seconds: number;
}
