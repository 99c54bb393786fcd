import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { sendDuring, untilResponses } from '../support.js';
import { CUT_MS, networkInTest, SCENARIO_MS } from './support.js';

const network = networkInTest();

test(
  'refuses uploads in time while connections hang, and recovers',
  async () => {
    const { api2redis, worker2redis } = network.stack;
    const sent = await sendDuring(network.stack, 'pause', 4, async (during) => {
      await untilResponses(during, 202);
      api2redis.pause();
      worker2redis.pause();
      await untilResponses(during, 503);
      await sleep(CUT_MS);
      api2redis.heal();
      worker2redis.heal();
      await network.untilReady();
    });
    await network.expectWell(sent);
  },
  SCENARIO_MS,
);
