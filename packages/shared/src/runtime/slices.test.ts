import { expect, test } from 'vitest';
import { isSliceOver, nextSlice } from './slices.js';

test('nextSlice lets one waiting task through per turn of the event loop, in order', async () => {
  const order: (number | 'turn')[] = [];
  const tasks = Array.from({ length: 4 }, async (_, task) => {
    await nextSlice();
    order.push(task);
    setImmediate(() => order.push('turn'));
  });
  await Promise.all(tasks);
  expect(order).toEqual([0, 'turn', 1, 'turn', 2, 'turn', 3]);
});

test('a slice ends after some milliseconds, and a new one begins with the turn', async () => {
  await nextSlice();
  expect(isSliceOver()).toBe(false);
  const began = performance.now();
  while (!isSliceOver()) expect(performance.now() - began).toBeLessThan(20_000);
  await nextSlice();
  expect(isSliceOver()).toBe(false);
});
