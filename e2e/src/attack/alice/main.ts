import { setPriority } from 'node:os';
import { ATTACKS } from '../attacks/all.js';
import { serve } from '../serve.js';
import { type AliceOrder, runAlice } from './alice.js';

/** A lower priority than the service and bob, so that the load does not slow them down. */
const NICE = 5;

setPriority(NICE);
await serve({
  attack({ name, size, ...order }: AliceOrder & { name: string; size: number }) {
    const attack = ATTACKS.find((one) => one.name === name);
    if (attack === undefined) throw new Error(`no attack ${name}`);
    return runAlice(order, (alice) => attack.run(alice, size));
  },
});
