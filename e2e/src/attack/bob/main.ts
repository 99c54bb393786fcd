import { setPriority } from 'node:os';
import { serve } from '../serve.js';
import { type Bob, type BobOrder, startBob } from './bob.js';

/** Before everything else, so that times are the service's and not of a process that waits for a core. Needs root. */
const NICE = -10;

try {
  setPriority(NICE);
} catch {
  // Without root bob's own delays are larger; they are subtracted either way.
}
let bob: Bob | null = null;
await serve({
  async start(order: BobOrder) {
    bob = startBob(order);
  },
  settle: async () => bob?.settle(),
  lap: async () => bob?.lap(),
  async stop() {
    await bob?.stop();
    bob = null;
  },
});
