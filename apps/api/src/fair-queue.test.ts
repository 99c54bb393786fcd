import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openFairQueue } from './fair-queue.js';

const PER_TURN = 5;

/** Enters `count` times for an owner and records each entry. */
function enter(queue: ReturnType<typeof openFairQueue>, owner: string, count: number, entries: string[]) {
  for (let i = 0; i < count; i++) void queue.enter(owner).then(() => entries.push(owner));
}

test('admits a few requests immediately', async () => {
  const entries: string[] = [];
  enter(
    openFairQueue(() => false),
    'alice',
    PER_TURN,
    entries,
  );
  await Promise.resolve().then(() => {});
  expect(entries).toHaveLength(PER_TURN);
});

test('spreads many requests over turns of the event loop', async () => {
  const entries: string[] = [];
  enter(
    openFairQueue(() => false),
    'alice',
    5 * PER_TURN,
    entries,
  );
  const counts: number[] = [];
  while (entries.length < 5 * PER_TURN) {
    const before = entries.length;
    await nextTurn();
    counts.push(entries.length - before);
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(2 * PER_TURN);
  expect(counts.length).toBeGreaterThanOrEqual(3);
});

test('admits more polls than other requests in a turn', async () => {
  const queue = openFairQueue(() => false);
  let polls = 0;
  for (let i = 0; i < 100; i++) void queue.enter('alice', 'poll').then(() => polls++);
  await Promise.resolve().then(() => {});
  expect(polls).toBe(4 * PER_TURN);
  await nextTurn();
  expect(polls).toBe(8 * PER_TURN);
});

test('admits the single request of an owner before the many of another owner', async () => {
  const queue = openFairQueue(() => false);
  const entries: string[] = [];
  enter(queue, 'alice', 1000, entries);
  enter(queue, 'bob', 1, entries);
  while (entries.length < 1001) await nextTurn();
  expect(entries.indexOf('bob')).toBeLessThan(2 * PER_TURN);
});

test('admits no request while more connections arrive', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const queue = openFairQueue(() => false);
  const entries: string[] = [];
  for (let i = 0; i < 20; i++) {
    queue.noteConnection();
    enter(queue, 'alice', 1, entries);
    await nextTurn();
  }
  queue.noteConnection();
  enter(queue, 'bob', 1, entries);
  expect(entries).toEqual([]);
  while (entries.length < 21) await nextTurn();
  expect(entries.indexOf('bob')).toBeLessThan(2);
});

test('admits requests between two pauses while connections never stop arriving', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const queue = openFairQueue(() => false);
  const entries: string[] = [];
  async function connect(times: number): Promise<number> {
    const before = entries.length;
    for (let i = 0; i < times; i++) {
      queue.noteConnection();
      enter(queue, 'alice', 1, entries);
      await nextTurn();
    }
    return entries.length - before;
  }
  expect(await connect(500)).toBe(0);
  // A collection of garbage.
  vi.advanceTimersByTime(200);
  expect(await connect(523)).toBe(0);
  expect(await connect(20)).toBeGreaterThan(20);
  vi.advanceTimersByTime(25);
  expect(await connect(20)).toBe(0);
});

test('admits requests after a quarter of a second of slow turns in which connections arrive', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const queue = openFairQueue(() => false);
  const entries: string[] = [];
  for (let i = 0; i < 100; i++) {
    queue.noteConnection();
    enter(queue, 'alice', 1, entries);
    await nextTurn();
    vi.advanceTimersByTime(3);
    expect(entries.length > 0).toBe(i >= 84);
  }
});

test('limits what an owner has in progress while another owner sends requests', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const queue = openFairQueue(() => true);
  const leaves: (() => void)[] = [];
  for (let i = 0; i < 20; i++) void queue.enter('alice').then((leave) => leaves.push(leave));
  (await queue.enter('bob'))();
  await turns();
  // As many as one turn admits before another owner is seen.
  expect(leaves).toHaveLength(PER_TURN);
  for (const leave of leaves) leave();
  await turns();
  expect(leaves).toHaveLength(PER_TURN + 4);
  vi.advanceTimersByTime(100);
  await turns();
  expect(leaves).toHaveLength(PER_TURN + 8);
  vi.advanceTimersByTime(1000);
  await turns();
  expect(leaves).toHaveLength(20);
});

test('does not limit an owner while no other owner sends requests', async () => {
  const queue = openFairQueue(() => true);
  const requests = Array.from({ length: 20 }, () => queue.enter('alice'));
  (await queue.enter(''))();
  expect(await Promise.all(requests)).toHaveLength(20);
});

test('gives requests without a key a small share that delays no request of an owner', async () => {
  const queue = openFairQueue(() => true);
  const entries: string[] = [];
  for (let i = 0; i < 100; i++) void queue.enterWithoutOwner('keyless').then(() => entries.push('keyless'));
  enter(queue, 'bob', 1, entries);
  await Promise.resolve().then(() => {});
  expect(entries.toSorted()).toEqual(['bob', 'keyless']);
  for (let i = 0; i < 10; i++) await nextTurn();
  expect(entries.length).toBeLessThanOrEqual(13);
  while (entries.length < 101) await nextTurn();
});

test('begins health checks beside everything else, but while more connections arrive', async () => {
  const queue = openFairQueue(() => true);
  const entries: string[] = [];
  const check = (name: string) => void queue.enterWithoutOwner('livez').then(() => entries.push(name));
  enter(queue, 'alice', 100, entries);
  for (let i = 0; i < 100; i++) void queue.enterWithoutOwner('keyless').then(() => entries.push('keyless'));
  check('first');
  await Promise.resolve().then(() => {});
  expect(entries).toContain('first');
  queue.noteConnection();
  check('second');
  await nextTurn();
  expect(entries).not.toContain('second');
  for (let i = 0; i < 1000; i++) check('many');
  const checked = () => entries.filter((entry) => entry === 'many').length;
  let passes = 0;
  for (; checked() < 1000; passes++) await nextTurn();
  expect(entries).toContain('second');
  expect(passes).toBeGreaterThan(40);
  expect(passes).toBeLessThan(60);
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await nextTurn();
}
