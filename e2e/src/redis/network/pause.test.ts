import { expect, test } from 'vitest';
import { sendDuring } from '../support.js';
import { CUT_MS, networkInTest, pause, SCENARIO_MS } from './support.js';

const network = networkInTest();

test(
  'connections stay open and nothing passes: refused in time, and healed',
  async () => {
    const { api2redis, worker2redis } = network.stack;
    const sent = await sendDuring(network.stack, 'pause', 4, async () => {
      await pause(500);
      api2redis.pause();
      worker2redis.pause();
      await pause(CUT_MS);
      api2redis.heal();
      worker2redis.heal();
      await network.untilReady();
    });
    expect(sent.some(({ answer }) => answer.status === 503)).toBe(true);
    await network.expectWell(sent);
  },
  SCENARIO_MS,
);
