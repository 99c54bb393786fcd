import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openPutBudget, socketsFor } from './put-budget.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SLOW_MS = 50;

/** A budget of 100 bytes and three images. */
function testBudget() {
  const budget = openPutBudget(1, { maxBytes: 100, maxImages: 3, slowMs: SLOW_MS });
  const freed: string[] = [];
  budget.recordPut(true);
  return {
    freed,
    record: (isStored: boolean) => budget.recordPut(isStored),
    put: (name: string, bytes: number) => budget.acquire(bytes, () => freed.push(name)),
    wait: () => vi.advanceTimersByTimeAsync(SLOW_MS),
  };
}

it('frees the slots of slow puts only as far as their bytes fit', async () => {
  const { put, wait, freed } = testBudget();
  put('a', 60);
  put('b', 60);
  put('c', 40);
  expect(freed).toEqual([]);
  await wait();
  expect(freed).toEqual(['a', 'c']);
});

it('frees the slot of a put that fits once another one has ended', async () => {
  const { put, wait, freed } = testBudget();
  const first = put('a', 60);
  put('b', 60);
  await wait();
  first[Symbol.dispose]();
  expect(freed).toEqual(['a', 'b']);
});

it('bounds the number of small images', async () => {
  const { put, wait, freed } = testBudget();
  for (const name of ['a', 'b', 'c', 'd']) put(name, 1);
  await wait();
  expect(freed).toEqual(['a', 'b', 'c']);
});

it('frees no slot from a failed put until the next one that succeeds', async () => {
  const { put, wait, record, freed } = testBudget();
  record(false);
  put('a', 10);
  await wait();
  put('b', 10);
  await wait();
  expect(freed).toEqual([]);
  record(true);
  expect(freed).toEqual(['a', 'b']);
});

it('frees no slot before the first put has succeeded', async () => {
  const budget = openPutBudget(1, { slowMs: SLOW_MS });
  let isFreed = false;
  budget.acquire(1, () => {
    isFreed = true;
  });
  await vi.advanceTimersByTimeAsync(SLOW_MS);
  expect(isFreed).toBe(false);
});

it('leaves the slot to a quick put, and to one above the whole budget', async () => {
  const { put, wait, freed } = testBudget();
  put('quick', 10)[Symbol.dispose]();
  const large = put('large', 101);
  await wait();
  large[Symbol.dispose]();
  await wait();
  expect(freed).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([1, 16])('has a socket for every image of %i lanes that it lets be put', async (lanes) => {
  const budget = openPutBudget(lanes, { slowMs: SLOW_MS });
  budget.recordPut(true);
  let freed = 0;
  for (let i = 0; i < 40 * lanes; i++) budget.acquire(1, () => freed++);
  await vi.advanceTimersByTimeAsync(SLOW_MS);
  expect(freed).toBeGreaterThan(lanes);
  expect(freed).toBeLessThan(socketsFor(lanes));
});
