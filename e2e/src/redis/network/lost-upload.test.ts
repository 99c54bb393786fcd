import { expect, test } from 'vitest';
import { until } from '../../harness/client.js';
import type { Side } from '../../harness/tcp-proxy.js';
import { expectPrompt, expectPublished, type Sent, send, smallPhoto } from '../support.js';
import { isMade, networkInTest, PIECES, SCENARIO_MS } from './support.js';

const network = networkInTest();

test.each<Side>(['request', 'response'])(
  'creates one image for an upload and its repeat when the connection is lost at any %s',
  async (side) => {
    const { stack, ids } = network;
    const first: (Sent & { bytes: Buffer })[] = [];
    for (let n = 1; n <= PIECES; n++) {
      const bytes = await smallPhoto();
      stack.api2redis.resetAt(n, side);
      first.push({ ...(await send(stack, `${side}-${n}`, bytes)), bytes });
      stack.api2redis.heal();
      await network.untilReady();
    }
    expectPrompt(first);
    expect(first.filter(({ response }) => response.status !== 202)).not.toEqual([]);
    const repeated = first.map(({ key, bytes }) =>
      // A claim that was not released expires after 20 s.
      until(`${key} to be accepted`, 30, async () => {
        const { response } = await send(stack, key, bytes);
        return isMade(response) ? response.body.id : null;
      }),
    );
    const accepted = await Promise.all(repeated);
    for (const [i, { response }] of first.entries())
      if (response.status === 202) expect(accepted[i]).toBe(response.body.id);
    ids.push(...accepted);
    await expectPublished(stack, ids);
  },
  SCENARIO_MS,
);
