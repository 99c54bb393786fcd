import { sleep } from '@pixdock/shared/runtime/clock';
import type { Fault } from '../faults/fault.js';
import type { Random } from '../random.js';
import type { Run } from '../run.js';
import { startTraffic } from '../traffic.js';
import type { Scenario } from './scenario.js';

/** So that images are in progress when the fault begins, and new ones arrive after it ends. */
const BEFORE_MS = 2000;
const AFTER_MS = 1000;

export function underTraffic(fault: Fault): Scenario {
  const { name, what } = fault;
  return { name, what, parts: ({ random }) => [(run) => strikeOnce(run, fault, random)] };
}

async function strikeOnce(run: Run, fault: Fault, random: Random): Promise<void> {
  const traffic = startTraffic(run, random, `${fault.name}-${run.history.images.size}`);
  try {
    await sleep(BEFORE_MS);
    await fault.strike(run, random);
    await sleep(AFTER_MS);
  } finally {
    await traffic.stop();
  }
}
