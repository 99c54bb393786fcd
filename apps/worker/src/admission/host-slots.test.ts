import { type Leases, openLeases } from '@pixdock/shared/state/service/leases';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openHostSlots } from './host-slots.js';
import { mustWait } from './permit.js';

const LEASE_MS = 60_000;

const redis = await startTestRedis();
const { connection, settings } = redis;
afterAll(() => redis.stop());
beforeEach(() => connection.flushall());

const openLeasesOfWorker = (): Leases => openLeases(connection, settings.prefix, LEASE_MS);

it('counts the fetches from a host in all workers, apart for single images and items', async () => {
  const [one, other] = [openLeasesOfWorker(), openLeasesOfWorker()];
  const slots = openHostSlots(one, 'fetches', 2);
  const others = openHostSlots(other, 'fetches', 2);
  const first = await slots.acquire('a:443');
  await others.acquire('a:443');
  for (const full of [slots, others]) expect(mustWait(await full.acquire('a:443'))).toBe(true);
  expect(mustWait(await others.acquire('b:443'))).toBe(false);
  expect(mustWait(await openHostSlots(other, 'item-fetches', 2).acquire('a:443'))).toBe(false);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(mustWait(await others.acquire('a:443'))).toBe(false);
  expect(mustWait(await slots.acquire('a:443'))).toBe(true);
});

it('staggers the retries for a host whose slots another worker has, without delaying those for other hosts', async () => {
  const others = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  const slots = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  await others.acquire('a:443');
  await others.acquire('b:443');
  const waits = await Promise.all(Array.from({ length: 50 }, () => slots.acquire('a:443')));
  expect(waits.at(-1)).toMatchObject({ retryAfterMs: expect.closeTo(890, -2) });
  expect(await slots.acquire('b:443')).toMatchObject({ retryAfterMs: 400 });
});

it('counts its own fetches while Redis hangs', async () => {
  const others = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  const slots = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  await others.acquire('a:443');
  await connection.call('CLIENT', 'PAUSE', '1000', 'ALL');
  expect(mustWait(await slots.acquire('a:443'))).toBe(false);
  expect(mustWait(await slots.acquire('a:443'))).toBe(true);
});
