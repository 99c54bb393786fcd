import { setPriority } from 'node:os';
import { serve } from '../serve.js';
import { type Bob, type BobOrder, startBob } from './bob.js';

/** Highest priority, so that times do not include waiting for a core. Needs root. */
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
