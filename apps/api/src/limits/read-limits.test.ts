import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openReadLimits } from './read-limits.js';
import { openSharedCounts } from './shared-counts.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

/** The limits of one API process. */
function open(hasManyOwners = true) {
  const counts = openSharedCounts(redis.connection, redis.settings.prefix);
  onTestFinished(() => counts.stop());
  return openReadLimits(() => hasManyOwners, counts);
}

it.each([
  ['streams of all changes', 'openFeed', 'streams-opened', 128],
  ['images in OSS', 'lookInStorage', 'lookups-in-storage', 100],
] as const)('counts the %s that an owner opens in all processes', async (_, name, counted, limit) => {
  const [one, other] = [open(), open()];
  const half = limit / 2;
  const key = `${redis.settings.prefix}:rate:${counted}:alice`;
  for (let n = 0; n < half; n++) one[name]('alice');
  await expect.poll(() => redis.connection.get(key), { timeout: 5000 }).toBe(String(half));
  for (let n = 0; n < half; n++) other[name]('alice');
  await expect.poll(() => redis.connection.get(key), { timeout: 5000 }).toBe(String(limit));
  expect(() => other[name]('alice')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
  other[name]('bob');
});

it('counts nothing while there is one owner', () => {
  const limits = open(false);
  for (let n = 0; n < 200; n++) limits.openFeed('alice');
});
