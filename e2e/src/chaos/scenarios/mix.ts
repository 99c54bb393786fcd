import { sleep } from '@pixdock/shared/runtime/clock';
import type { Fault } from '../faults/fault.js';
import type { Run } from '../run.js';
import { startTraffic } from '../traffic.js';
import type { Context, Scenario } from './scenario.js';

/** Traffic of every kind, and one random fault after another. */
export function mixOf(faults: readonly Fault[]): Scenario {
  return {
    name: 'mix',
    what: 'traffic of every kind, with random faults from the other scenarios',
    parts: (context) => [(run) => play(run, faults, context)],
  };
}

async function play(run: Run, faults: readonly Fault[], { random, mix, say }: Context): Promise<void> {
  const traffic = startTraffic(run, random, `mix-${run.history.images.size}`);
  const end = performance.now() + mix.ms;
  try {
    for (;;) {
      const waitMs = Math.round(mix.faultEveryMs * (0.5 + random.next() / 2));
      if (performance.now() + waitMs >= end) break;
      await sleep(waitMs);
      const fault = random.pick(faults);
      say(`  ${fault.name}: ${fault.what}`);
      await fault.strike(run, random);
    }
    await sleep(Math.max(0, end - performance.now()));
  } finally {
    await traffic.stop();
  }
}
