import { sleep } from '@pixdock/shared/runtime/clock';
import { until } from '../../harness/client.js';
import type { Fault } from '../faults/fault.js';
import type { Random } from '../random.js';
import type { Installation } from '../run.js';
import { startTraffic } from '../traffic.js';
import type { Scenario } from './scenario.js';

/** So that images are in progress when the fault begins, and new ones arrive after it ends. */
const BEFORE_MS = 2000;
const AFTER_MS = 1000;

const ENOUGH_WITHIN_S = 1200;

/** @param share of the uploads that are requested before the traffic ends, however short the fault is */
export function underTraffic<R extends Installation>(fault: Fault<R>, share = 0): Scenario<R> {
  const { name, what } = fault;
  return {
    name,
    what,
    parts: ({ random, uploads }) => [(run) => strikeOnce(run, fault, random, share * uploads)],
  };
}

async function strikeOnce<R extends Installation>(
  run: R,
  fault: Fault<R>,
  random: Random,
  enough: number,
): Promise<void> {
  const before = run.history.images.size;
  const traffic = startTraffic(run, random, `${fault.name}-${before}`);
  try {
    await sleep(BEFORE_MS);
    await fault.strike(run, random);
    await sleep(AFTER_MS);
    await until(`${Math.ceil(enough)} images`, ENOUGH_WITHIN_S, async () =>
      run.history.images.size - before >= enough ? true : null,
    );
  } finally {
    await traffic.stop();
  }
}
