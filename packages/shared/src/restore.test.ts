import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { watchEpoch } from './restore.js';
import { startTestRedis, type TestRedis } from './testing/redis.js';

let redis: TestRedis;
let epoch: ReturnType<typeof watchEpoch>;
beforeAll(async () => {
  redis = await startTestRedis();
  epoch = watchEpoch(redis.connection, redis.settings.prefix);
});
beforeEach(() => redis.connection.flushall());
afterAll(() => redis.stop());

test('Redis is new until a restore has ended, and again when it is emptied', async () => {
  expect(await epoch.isNew()).toBe(true);
  const end = await epoch.begin();
  expect(await epoch.isNew()).toBe(true);
  await end();
  expect(await epoch.isNew()).toBe(false);
  await redis.connection.flushall();
  expect(await epoch.isNew()).toBe(true);
});

test('a Redis that is emptied during a restore stays new', async () => {
  const end = await epoch.begin();
  await redis.connection.flushall();
  await end();
  expect(await epoch.isNew()).toBe(true);
});

test('restores of several servers at once do not disturb each other', async () => {
  const [first, second] = [await epoch.begin(), await epoch.begin()];
  await first();
  expect(await epoch.isNew()).toBe(false);
  await redis.connection.flushall();
  await second();
  expect(await epoch.isNew()).toBe(true);
});
