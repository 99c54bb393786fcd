import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Lease, openDecoderPool } from './decoder-pool.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

/** A pool whose claims have names, and the order in which they are served. */
function testPool(size = 2) {
  const pool = openDecoderPool(Array.from({ length: size }, (_, i) => i));
  const order: string[] = [];
  const leases = new Map<string, Lease<number>>();
  return {
    order,
    take: async (owner: string, name: string, { isUrgent = true, signal = NEVER } = {}): Promise<void> => {
      const lease = await pool.acquire({ owner, isUrgent }, signal);
      order.push(name);
      leases.set(name, lease);
    },
    recalled: (name: string) => leases.get(name)?.recalled.aborted,
    release: async (name: string): Promise<void> => {
      leases.get(name)?.[Symbol.dispose]();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

it('gives the next free thing to the owner who holds the fewest', async () => {
  const { take, release, order } = testPool();
  await take('alice', 'a1');
  await take('alice', 'a2');
  for (const name of ['a3', 'a4']) void take('alice', name);
  void take('bob', 'b1');
  await release('a1');
  expect(order).toEqual(['a1', 'a2', 'b1']);
  await release('a2');
  await release('b1');
  expect(order).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
});

it('counts leases that were passed on in the same tick', async () => {
  const { take, release, order } = testPool();
  await take('carol', 'c1');
  await take('carol', 'c2');
  for (const name of ['a1', 'a2']) void take('alice', name);
  void take('bob', 'b1');
  void release('c1');
  await release('c2');
  expect(order).toEqual(['c1', 'c2', 'a1', 'b1']);
});

it('serves claims that are not urgent every fourth time while urgent ones wait', async () => {
  const { take, release, order } = testPool(1);
  await take('alice', 'u0');
  for (let i = 1; i <= 9; i++) void take('alice', `u${i}`);
  for (const name of ['o1', 'o2', 'o3']) void take('bob', name, { isUrgent: false });
  for (let i = 0; i < 12; i++) await release(order.at(-1) ?? '');
  expect(order).toEqual(['u0', 'u1', 'u2', 'u3', 'o1', 'u4', 'u5', 'u6', 'o2', 'u7', 'u8', 'u9', 'o3']);
});

it('recalls the newest lease of an owner who holds everything once another owner has waited for two seconds', async () => {
  const { take, release, recalled, order } = testPool();
  await take('alice', 'a1');
  await take('alice', 'a2');
  void take('alice', 'a3');
  void take('bob', 'b1', { isUrgent: false });
  await vi.advanceTimersByTimeAsync(1999);
  expect(recalled('a2')).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect([recalled('a1'), recalled('a2')]).toEqual([false, true]);
  await release('a2');
  expect(order).toEqual(['a1', 'a2', 'b1']);
  void take('bob', 'b2');
  await vi.advanceTimersByTimeAsync(10_000);
  expect([recalled('a1'), recalled('b1')]).toEqual([false, false]);
});

it('recalls one thing from the owner with the most, also beside a third owner', async () => {
  const { take, release, recalled, order } = testPool(4);
  await take('alice', 'a1');
  await take('carol', 'c1');
  await take('alice', 'a2');
  await take('alice', 'a3');
  for (const name of ['b1', 'b2']) void take('bob', name);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(['a1', 'a2', 'a3', 'c1'].filter(recalled)).toEqual(['a3']);
  await release('a3');
  expect(order.at(-1)).toBe('b1');
});

it('recalls nothing for the same owner, nor the lease of the only thing', async () => {
  const one = testPool(1);
  await one.take('alice', 'a1');
  void one.take('bob', 'b1');
  const two = testPool();
  for (const name of ['a1', 'a2', 'a3']) void two.take('alice', name);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([one.recalled('a1'), two.recalled('a1'), two.recalled('a2')]).toEqual([false, false, false]);
});

it('drops a claim whose signal aborts, also after a recall for it', async () => {
  const { take, release, recalled, order } = testPool();
  await take('alice', 'a1');
  await take('alice', 'a2');
  const abort = new AbortController();
  const waiting = expect(take('bob', 'b1', { signal: abort.signal })).rejects.toThrow('enough');
  void take('alice', 'a3');
  await vi.advanceTimersByTimeAsync(2000);
  expect(recalled('a2')).toBe(true);
  abort.abort(new Error('enough'));
  await waiting;
  await release('a2');
  expect(order).toEqual(['a1', 'a2', 'a3']);
  expect(vi.getTimerCount()).toBe(0);
});
