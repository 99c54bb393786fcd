import { setPriority } from 'node:os';
import { serve } from '../serve.js';
import { type Bob, type BobOrder, startBob } from './bob.js';
import { startReceiver } from './receiver.js';

/** Highest priority, so that times do not include waiting for a core. Needs root. */
const NICE = -10;

try {
  setPriority(NICE);
} catch {
  // Without root bob's own delays are larger; they are subtracted either way.
}
let bob: Bob | null = null;
const receiver = await startReceiver();
await serve({
  async start(order: BobOrder) {
    await receiver.subscribe(order.port);
    bob = startBob(order, receiver);
  },
  receiver: async () => receiver.host,
  settle: async () => bob?.settle(),
  lap: async () => bob?.lap(),
  async stop() {
    await bob?.stop();
    bob = null;
  },
});
