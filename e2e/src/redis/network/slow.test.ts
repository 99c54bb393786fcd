import { expect, test } from 'vitest';
import { expectPublished, send, smallPhoto } from '../support.js';
import { networkInTest, SCENARIO_MS } from './support.js';

const network = networkInTest();

test(
  'works with a round trip to Redis of half a second',
  async () => {
    const { stack } = network;
    stack.api2redis.slow(250);
    stack.worker2redis.slow(250);
    const began = performance.now();
    const { response } = await send(stack, 'slow', await smallPhoto());
    expect(response.status).toBe(202);
    expect(performance.now() - began).toBeGreaterThan(2000);
    await expectPublished(stack, [response.body.id]);
  },
  SCENARIO_MS,
);
