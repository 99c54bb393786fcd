import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openFairQueue } from './fair-queue.js';

const PER_TURN = 5;

/** Enters `count` times for an owner and notes each entry. */
function enter(queue: ReturnType<typeof openFairQueue>, owner: string, count: number, entries: string[]) {
  for (let i = 0; i < count; i++) void queue.enter(owner).then(() => entries.push(owner));
}

test('admits a few requests immediately', async () => {
  const entries: string[] = [];
  enter(openFairQueue(false), 'alice', PER_TURN, entries);
  await Promise.resolve().then(() => {});
  expect(entries).toHaveLength(PER_TURN);
});

test('spreads many requests over turns of the event loop', async () => {
  const entries: string[] = [];
  enter(openFairQueue(false), 'alice', 5 * PER_TURN, entries);
  const counts: number[] = [];
  while (entries.length < 5 * PER_TURN) {
    const before = entries.length;
    await nextTurn();
    counts.push(entries.length - before);
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(2 * PER_TURN);
  expect(counts.length).toBeGreaterThanOrEqual(3);
});

test('admits the single request of an owner before the many of another one', async () => {
  const queue = openFairQueue(false);
  const entries: string[] = [];
  enter(queue, 'alice', 1000, entries);
  enter(queue, 'bob', 1, entries);
  while (entries.length < 1001) await nextTurn();
  expect(entries.indexOf('bob')).toBeLessThan(2 * PER_TURN);
});

test('limits what an owner has in progress while another owner sends requests', async () => {
  const queue = openFairQueue(true);
  const leaves: (() => void)[] = [];
  for (let i = 0; i < 20; i++) void queue.enter('alice').then((leave) => leaves.push(leave));
  (await queue.enter('bob'))();
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  const begun = leaves.length;
  expect(begun).toBeLessThan(20);
  for (const leave of leaves) leave();
  await expect.poll(() => leaves.length).toBe(Math.min(20, begun + 4));
  // A request stops counting after 100 ms.
  await expect.poll(() => leaves.length).toBe(20);
});

test('does not limit an owner while no other owner sends requests', async () => {
  const queue = openFairQueue(true);
  const requests = Array.from({ length: 20 }, () => queue.enter('alice'));
  (await queue.enter(''))();
  expect(await Promise.all(requests)).toHaveLength(20);
});
