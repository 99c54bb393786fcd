/* Lines with a delay between client, API, Redis, worker and OSS. `pnpm network` measures more kinds of trouble. */
import { expect, test } from 'vitest';
import { startNetwork } from './measure-network.js';

test('publishes images although every line delays each message by 200 ms', async () => {
  await using network = await startNetwork();
  const { seconds, errors } = await network.measure('all', '200 ms', 2);
  expect([seconds.length, errors]).toEqual([2, {}]);
  expect(await network.check()).toEqual({ lost: 0, doubled: 0 });
});
