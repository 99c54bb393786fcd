import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { sendDuring, untilResponses } from '../support.js';
import { CUT_MS, networkInTest, SCENARIO_MS } from './support.js';

const network = networkInTest();

test(
  'recovers when Redis is unreachable for API and worker while images are in progress',
  async () => {
    const { api2redis, worker2redis } = network.stack;
    const sent = await sendDuring(network.stack, 'cut', 4, async (during) => {
      await untilResponses(during, 202);
      api2redis.cut();
      worker2redis.cut();
      await untilResponses(during, 503);
      await sleep(CUT_MS);
      api2redis.heal();
      worker2redis.heal();
      await network.untilReady();
      await sleep(500);
    });
    await network.expectWell(sent);
  },
  SCENARIO_MS,
);
