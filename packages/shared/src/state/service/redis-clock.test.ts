import { afterAll, beforeAll, expect, test } from 'vitest';
import { clockAheadMs, sleep } from '../../runtime/clock.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { followRedisClock } from './redis-clock.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

test.each([
  ['uses', 0, 60_000],
  ['ignores', 300, 0],
])('%s the time of Redis if the reply takes %i ms', async (_, replyMs, aheadMs) => {
  const time = async () => {
    await sleep(replyMs);
    return Date.now() - 60_000;
  };
  await redis.connection.ping();
  const stop = await followRedisClock(redis.connection, redis.settings.prefix, { time });
  expect(Math.round(clockAheadMs() / 1000) * 1000).toBe(aheadMs);
  stop();
});
