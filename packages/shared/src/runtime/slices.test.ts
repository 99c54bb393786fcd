import { expect, test } from 'vitest';
import { isSliceOver, nextSlice } from './slices.js';

test('lets one waiting task continue per turn of the event loop, in order', async () => {
  const order: (number | 'turn')[] = [];
  const tasks = Array.from({ length: 4 }, async (_, task) => {
    await nextSlice();
    order.push(task);
    setImmediate(() => order.push('turn'));
  });
  await Promise.all(tasks);
  expect(order).toEqual([0, 'turn', 1, 'turn', 2, 'turn', 3]);
});

test('ends a slice after some milliseconds, and begins a new one with the turn', async () => {
  await newSlice();
  const began = performance.now();
  while (!isSliceOver()) expect(performance.now() - began).toBeLessThan(20_000);
  await newSlice();
});

/** On a busy machine, a slice may be over before this process runs again. */
async function newSlice(): Promise<void> {
  const began = performance.now();
  do await nextSlice();
  while (isSliceOver() && performance.now() - began < 20_000);
  expect(isSliceOver()).toBe(false);
}
