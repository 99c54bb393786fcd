import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type LanePermit, openLanes } from './lanes.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

/** Lanes whose requests have names, and the order in which they are served. */
function testLanes(size = 2) {
  const lanes = openLanes(Array.from({ length: size }, (_, i) => i));
  const order: string[] = [];
  const permits = new Map<string, LanePermit<number>>();
  const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const take = async (owner: string, name: string, { isUrgent = true, signal = NEVER } = {}) => {
    const permit = await lanes.acquire({ owner, isUrgent }, signal);
    order.push(name);
    permits.set(name, permit);
  };
  return {
    order,
    later,
    take,
    takeAll: async (owner: string, ...names: string[]) => {
      for (const name of names) void take(owner, name);
      await later(0);
    },
    lanesOf: (...names: string[]) => names.map((name) => permits.get(name)?.lane),
    recalled: (name: string) => permits.get(name)?.recalled.aborted,
    release: async (name: string, afterMs = 0): Promise<void> => {
      await later(afterMs);
      permits.get(name)?.[Symbol.dispose]();
      await later(0);
    },
  };
}

it('gives each lane to one request at a time', async () => {
  const { takeAll, release, lanesOf } = testLanes();
  await takeAll('alice', 'a1', 'a2', 'a3');
  expect(lanesOf('a1', 'a2', 'a3')).toEqual([1, 0, undefined]);
  await release('a2');
  await release('a2');
  expect(lanesOf('a3')).toEqual([0]);
});

it('gives the next lane to the owner who has used lanes least', async () => {
  const { takeAll, release, order } = testLanes(1);
  await takeAll('alice', 'a1', 'a2', 'a3');
  await takeAll('bob', 'b1', 'b2', 'b3', 'b4');
  await release('a1', 1900);
  // Each of bob's takes 0.7 s: three make up for the first of alice.
  for (const name of ['b1', 'b2', 'b3']) await release(name, 700);
  expect(order).toEqual(['a1', 'b1', 'b2', 'b3', 'a2']);
});

it('counts the seconds of lanes that are still held', async () => {
  const { take, takeAll, later, release, order } = testLanes();
  await take('alice', 'a1');
  await later(1000);
  await take('bob', 'b1');
  await takeAll('alice', 'a2');
  await takeAll('bob', 'b2');
  await release('b1', 500);
  expect(order.at(-1)).toBe('b2');
});

it('serves urgent requests of an owner first, and every fourth time one of the others', async () => {
  const { take, takeAll, release, order } = testLanes(1);
  await take('alice', 'u0');
  for (const name of ['o1', 'o2', 'o3']) void take('alice', name, { isUrgent: false });
  await takeAll('alice', ...Array.from({ length: 9 }, (_, i) => `u${i + 1}`));
  for (let i = 0; i < 12; i++) await release(order.at(-1) ?? '');
  expect(order).toEqual(['u0', 'u1', 'u2', 'u3', 'o1', 'u4', 'u5', 'u6', 'o2', 'u7', 'u8', 'u9', 'o3']);
});

it('prefers the item of an owner to the single images of another who has used lanes more', async () => {
  const { take, takeAll, release, order } = testLanes(1);
  await takeAll('alice', 'a1', 'a2', 'a3');
  void take('bob', 'b1', { isUrgent: false });
  await release('a1', 1000);
  expect(order).toEqual(['a1', 'b1']);
});

it('recalls the newest lane of an owner who holds all once another one has waited for two seconds', async () => {
  const { takeAll, later, release, recalled, order } = testLanes();
  await takeAll('alice', 'a1', 'a2', 'a3');
  await takeAll('bob', 'b1');
  await later(1999);
  expect(recalled('a2')).toBe(false);
  await later(1);
  expect([recalled('a1'), recalled('a2')]).toEqual([false, true]);
  await release('a2');
  expect(order).toEqual(['a1', 'a2', 'b1']);
  await takeAll('bob', 'b2');
  await later(9000);
  expect([recalled('a1'), recalled('b1')]).toEqual([false, false]);
});

it('leaves a lane to others for ten seconds after a recall', async () => {
  const { takeAll, later, release, order } = testLanes();
  await takeAll('alice', 'a1', 'a2', 'a3', 'a4', 'a5');
  await takeAll('bob', 'b1');
  await later(2000);
  await release('a2');
  await release('b1', 1000);
  await takeAll('bob', 'b2');
  await release('b2');
  expect(order).toEqual(['a1', 'a2', 'b1', 'b2']);
  await release('a1');
  expect(order.slice(4)).toEqual(['a3']);
  await release('a3', 9000);
  expect(order.slice(4)).toEqual(['a3', 'a4', 'a5']);
});

it('lends the lane that was left to others once the ten seconds are over', async () => {
  const { takeAll, later, release, order } = testLanes();
  await takeAll('alice', 'a1', 'a2', 'a3');
  await takeAll('bob', 'b1');
  await later(2000);
  await release('a2');
  await release('b1');
  expect(order).toEqual(['a1', 'a2', 'b1']);
  await later(10_000);
  expect(order.at(-1)).toBe('a3');
});

it('recalls one lane from the owner with the most, also beside a third owner', async () => {
  const { take, takeAll, later, release, recalled, order } = testLanes(4);
  await take('alice', 'a1');
  await take('carol', 'c1');
  await takeAll('alice', 'a2', 'a3');
  await takeAll('bob', 'b1', 'b2');
  await later(10_000);
  expect(['a1', 'a2', 'a3', 'c1'].filter(recalled)).toEqual(['a3']);
  await release('a3');
  expect(order.at(-1)).toBe('b1');
});

it('recalls nothing for the same owner, nor the only lane', async () => {
  const one = testLanes(1);
  await one.takeAll('alice', 'a1');
  await one.takeAll('bob', 'b1');
  const two = testLanes();
  await two.takeAll('alice', 'a1', 'a2', 'a3');
  await two.later(10_000);
  expect([one.recalled('a1'), two.recalled('a1'), two.recalled('a2')]).toEqual([false, false, false]);
});

it('drops a request whose signal aborts', async () => {
  const { take, takeAll, release, order } = testLanes(1);
  await take('alice', 'a1');
  const abort = new AbortController();
  const waiting = expect(take('bob', 'b1', { signal: abort.signal })).rejects.toThrow('enough');
  await takeAll('alice', 'a2');
  abort.abort(new Error('enough'));
  await waiting;
  await release('a1');
  expect(order).toEqual(['a1', 'a2']);
  expect(vi.getTimerCount()).toBe(0);
});
