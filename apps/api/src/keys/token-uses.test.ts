import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTokenUses } from './token-uses.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

it('accepts as many uploads as the token allows, also at the same time and in two processes', async () => {
  const { connection, settings } = redis;
  const [one, other] = [
    openTokenUses(connection, settings.prefix),
    openTokenUses(connection, settings.prefix),
  ];
  const token = { id: 'tok_race', maxCount: 3, expiresAt: inMinutes(5) };
  const uses = [one, other, one, other, one, other].map((process) => process.count(token));
  const results = await Promise.allSettled(uses);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(3);
  expect(refused[0]?.reason).toMatchObject({ code: 'forbidden', detail: { reason: 'token-used-up' } });
  await one.count({ ...token, id: 'tok_other' });
});

it('counts until shortly after the token has expired', async () => {
  const { connection, settings } = redis;
  await openTokenUses(connection, settings.prefix).count({
    id: 'tok_ttl',
    maxCount: 1,
    expiresAt: inMinutes(5),
  });
  const seconds = await connection.ttl(`${settings.prefix}:token-uses:tok_ttl`);
  expect(seconds).toBeGreaterThan(5 * 60);
  expect(seconds).toBeLessThanOrEqual(6 * 60);
});
