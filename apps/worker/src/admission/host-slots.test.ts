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
  const first = await slots.acquire('a:443', 'acme', () => {});
  await others.acquire('a:443', 'acme', () => {});
  for (const full of [slots, others])
    expect(mustWait(await full.acquire('a:443', 'acme', () => {}))).toBe(true);
  expect(mustWait(await others.acquire('b:443', 'acme', () => {}))).toBe(false);
  expect(mustWait(await openHostSlots(other, 'item-fetches', 2).acquire('a:443', 'acme', () => {}))).toBe(
    false,
  );
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(mustWait(await others.acquire('a:443', 'acme', () => {}))).toBe(false);
  expect(mustWait(await slots.acquire('a:443', 'acme', () => {}))).toBe(true);
});

it('staggers the retries for a host whose slots another worker has, without delaying those for other hosts', async () => {
  const others = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  const slots = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  await others.acquire('a:443', 'acme', () => {});
  await others.acquire('b:443', 'acme', () => {});
  const waits = await Promise.all(Array.from({ length: 50 }, () => slots.acquire('a:443', 'acme', () => {})));
  expect(waits.at(-1)).toMatchObject({ retryAfterMs: expect.closeTo(890, -2) });
  expect(await slots.acquire('b:443', 'acme', () => {})).toMatchObject({ retryAfterMs: 400 });
});

it('counts its own fetches while Redis hangs', async () => {
  const others = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  const slots = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  await others.acquire('a:443', 'acme', () => {});
  await connection.call('CLIENT', 'PAUSE', '1000', 'ALL');
  expect(mustWait(await slots.acquire('a:443', 'acme', () => {}))).toBe(false);
  expect(mustWait(await slots.acquire('a:443', 'acme', () => {}))).toBe(true);
});

it('lends a slot that is returned to a waiting fetch, of another owner first', async () => {
  const slots = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  const first = await slots.acquire('a:443', 'acme', () => {});
  const order: string[] = [];
  const wait = async (owner: string) => {
    using slot = await slots.acquire('a:443', owner, () => order.push(`${owner} waits`));
    order.push(mustWait(slot) ? `${owner} is sent back` : `${owner} begins`);
  };
  const waits = [wait('acme'), wait('bob')];
  await expect.poll(() => order).toHaveLength(2);
  first[Symbol.dispose]();
  await Promise.all(waits);
  expect(order).toEqual(['acme waits', 'bob waits', 'bob begins', 'acme begins']);
});

it('sends further fetches of an owner back to the queue while 128 wait, and these after two seconds', async () => {
  const slots = openHostSlots(openLeasesOfWorker(), 'fetches', 1);
  await slots.acquire('a:443', 'acme', () => {});
  const sentBack: number[] = [];
  const wait = async (nth: number) => {
    if (mustWait(await slots.acquire('a:443', 'acme', () => {}))) sentBack.push(nth);
  };
  const waits = Array.from({ length: 129 }, (_, nth) => wait(nth));
  await waits.at(-1);
  expect(sentBack).toEqual([128]);
  await Promise.all(waits);
  expect(sentBack).toHaveLength(129);
});
