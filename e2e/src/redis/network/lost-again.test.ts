import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { until } from '../../harness/client.js';
import { sendDuring } from '../support.js';
import { IS_LONG, networkInTest, SCENARIO_MS } from './support.js';

const RESET_EVERY = IS_LONG ? [3, 5, 11, 23, 47, 101] : [7, 31];
const network = networkInTest();

test.each(RESET_EVERY.flatMap((n) => [[n, 'request'] as const, [n, 'response'] as const]))(
  'publishes every accepted image when every connection is lost at each %sth %s',
  async (n, side) => {
    const { api2redis, worker2redis } = network.stack;
    const resets = () => api2redis.resets() + worker2redis.resets();
    const before = resets();
    const sent = await sendDuring(network.stack, `every-${n}-${side}`, 4, async () => {
      api2redis.resetAt(n, side, true);
      worker2redis.resetAt(n, side, true);
      await until('connections to be lost', 40, async () => (resets() > before + 3 ? true : null));
      await sleep(2000);
    });
    api2redis.heal();
    worker2redis.heal();
    await network.expectWell(sent);
  },
  SCENARIO_MS,
);
