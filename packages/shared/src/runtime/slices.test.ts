import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { inSlicesOf, isSliceOver, nextSlice } from './slices.js';

test('lets one waiting task continue per turn of the event loop, in order', async () => {
  let turn = 0;
  const countTurns = () => {
    turn++;
    clock = setImmediate(countTurns);
  };
  let clock = setImmediate(countTurns);
  onTestFinished(() => clearImmediate(clock));
  const order: number[] = [];
  const turns = new Set<number>();
  const tasks = Array.from({ length: 4 }, async (_, task) => {
    await nextSlice();
    order.push(task);
    turns.add(turn);
  });
  await Promise.all(tasks);
  expect(order).toEqual([0, 1, 2, 3]);
  expect(turns.size).toBe(4);
});

test('lets owners take turns, however many tasks of one of them wait', async () => {
  const order: string[] = [];
  const task = (owner: string, name: string) =>
    inSlicesOf(owner, async () => {
      for (let slice = 0; slice < 2; slice++) {
        await nextSlice();
        order.push(name);
      }
    });
  const [alice, bob] = [`alice-${randomUUID()}`, `bob-${randomUUID()}`];
  await Promise.all([...['a1', 'a2', 'a3', 'a4'].map((name) => task(alice, name)), task(bob, 'b')]);
  expect(order.slice(0, 4)).toEqual(['a1', 'b', 'a2', 'b']);
  expect(order.slice(4)).toEqual(['a3', 'a4', 'a1', 'a2', 'a3', 'a4']);
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
