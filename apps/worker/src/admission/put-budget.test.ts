import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openPutBudget } from './put-budget.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SLOW_MS = 50;

/** A budget of 100 bytes and three images. */
function testBudget() {
  const budget = openPutBudget(1, { maxBytes: 100, maxImages: 3, slowMs: SLOW_MS });
  const freed: string[] = [];
  return {
    freed,
    fail: () => budget.recordFailure(),
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

it('frees no slot for five seconds after a put has failed', async () => {
  const { put, wait, fail, freed } = testBudget();
  put('a', 10);
  fail();
  await vi.advanceTimersByTimeAsync(4900);
  put('b', 10);
  await wait();
  expect(freed).toEqual([]);
  await wait();
  put('c', 10);
  await wait();
  expect(freed).toEqual(['a', 'b', 'c']);
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
