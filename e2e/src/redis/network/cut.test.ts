import { expect, test } from 'vitest';
import { sendDuring } from '../support.js';
import { CUT_MS, networkInTest, pause, SCENARIO_MS } from './support.js';

const network = networkInTest();

test(
  'Redis is unreachable for API and worker while images are in progress',
  async () => {
    const { api2redis, worker2redis } = network.stack;
    const sent = await sendDuring(network.stack, 'cut', 4, async () => {
      await pause(1000);
      api2redis.cut();
      worker2redis.cut();
      await pause(CUT_MS);
      api2redis.heal();
      worker2redis.heal();
      await network.untilReady();
      await pause(500);
    });
    expect(sent.some(({ answer }) => answer.status === 503)).toBe(true);
    await network.expectWell(sent);
  },
  SCENARIO_MS,
);
