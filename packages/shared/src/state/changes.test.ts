import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRedis } from '../runtime/redis.js';
import { startTestRedis, type TestRedis } from '../testing/redis.js';
import { followChanges } from './changes.js';
import { recordKeys } from './record-keys.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

it('reports each loss of the subscription once it is back', async () => {
  const { connection, settings } = redis;
  const channel = recordKeys(settings.prefix).changes;
  const subscriber = connectRedis(settings, 'patient', () => {});
  const seen: string[] = [];
  let losses = 0;
  followChanges(subscriber, settings.prefix).listen(
    ({ id }) => void seen.push(id),
    () => losses++,
  );
  const subscribers = async () => (await connection.pubsub('NUMSUB', channel))[1];
  await expect.poll(subscribers).toBe(1);
  expect(losses).toBe(0);
  await connection.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await expect.poll(() => losses).toBe(1);
  const id = `img_${'0'.repeat(32)}`;
  await connection.publish(channel, `${id} 1 acme - queued`);
  await expect.poll(() => seen).toEqual([id]);
  subscriber.disconnect();
});
