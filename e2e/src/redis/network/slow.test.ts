import { expect, test } from 'vitest';
import { until, untilFinal } from '../../harness/client.js';
import { expectPublished, send, smallPhoto } from '../support.js';
import { networkInTest, SCENARIO_MS } from './support.js';

const network = networkInTest();

test(
  'works with a round trip to Redis of half a second',
  async () => {
    const { stack } = network;
    stack.api2redis.slow(250);
    stack.worker2redis.slow(250);
    const photo = await smallPhoto();
    const began = performance.now();
    // The API waits a second for each response of Redis: beside other work, one of them may take longer, and the client repeats.
    const { body } = await until('the upload to be accepted', 60, async () => {
      const { response } = await send(stack, 'slow', photo);
      return response.status === 202 ? response : null;
    });
    expect(performance.now() - began).toBeGreaterThan(2000);
    await untilFinal(stack, body.id);
    stack.api2redis.heal();
    stack.worker2redis.heal();
    await expectPublished(stack, [body.id]);
  },
  SCENARIO_MS,
);
