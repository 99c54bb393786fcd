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
  const uses = [one, other, one, other, one, other].map((process) => process.take(token));
  const results = await Promise.allSettled(uses);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(3);
  expect(refused[0]?.reason).toMatchObject({ code: 'forbidden', detail: { reason: 'token-used-up' } });
  await one.take({ ...token, id: 'tok_other' });
  await one.take(null);
});

it('gives refused uploads back, each once, beside others that are accepted', async () => {
  const { connection, settings } = redis;
  const uses = openTokenUses(connection, settings.prefix);
  const token = { id: 'tok_refused', maxCount: 2, expiresAt: inMinutes(5) };
  let accepted = 0;
  const upload = async (isAccepted: boolean) => {
    await using use = await uses.take(token);
    if (!isAccepted) return;
    use.keep();
    accepted++;
  };
  for (let i = 0; i < 5; i++) await upload(false);
  await Promise.allSettled(Array.from({ length: 40 }, (_, i) => upload(i % 4 === 3)));
  for (let rest = 2 - accepted; rest > 0; rest--) await upload(true);
  expect(accepted).toBe(2);
  await expect(upload(true)).rejects.toMatchObject({ code: 'forbidden' });
  await uses.giveBack(token.id);
  await upload(true);
  await expect(upload(true)).rejects.toMatchObject({ code: 'forbidden' });
});

it('gives nothing back of a token whose counter has expired', async () => {
  const { connection, settings } = redis;
  await openTokenUses(connection, settings.prefix).giveBack('tok_gone');
  expect(await connection.exists(`${settings.prefix}:token-uses:tok_gone`)).toBe(0);
});

it('counts until shortly after the token has expired', async () => {
  const { connection, settings } = redis;
  await openTokenUses(connection, settings.prefix).take({
    id: 'tok_ttl',
    maxCount: 1,
    expiresAt: inMinutes(5),
  });
  const seconds = await connection.ttl(`${settings.prefix}:token-uses:tok_ttl`);
  expect(seconds).toBeGreaterThan(5 * 60);
  expect(seconds).toBeLessThanOrEqual(6 * 60);
});
