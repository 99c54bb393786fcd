import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { redisAway } from '../../testing/redis-away.js';
import { type Count, openReservations, type Pace } from './reservations.js';

const ALONE = { ...redisAway(), kind: 'uploads' } as const;

/** @param last the last count of an earlier process */
const open = (count: (pace: Pace) => Promise<Count>, last: Count | null = null) =>
  openReservations(ALONE, () => ({ count, use: (files) => files }), {
    read: async () => last && { files: last, sum: { began: '', stored: 0 } },
    write: async () => {},
  });

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('shares one count among all refusals, and counts at most every five seconds', async () => {
  let counts = 0;
  const reservations = open(async () => {
    counts++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { usedBytes: 100, limitBytes: 100 };
  });
  const refused = () => Promise.all(Array.from({ length: 100 }, () => reservations.take(1)));
  const none = Array.from({ length: 100 }, () => null);
  expect(await refused()).toEqual(none);
  expect(counts).toBe(1);
  vi.advanceTimersByTime(4900);
  expect(await refused()).toEqual(none);
  expect(counts).toBe(1);
  vi.advanceTimersByTime(200);
  expect(await refused()).toEqual(none);
  expect(counts).toBe(2);
});

test('waits at most a second for a count before a refusal', async () => {
  vi.useFakeTimers();
  const reservations = open(() => new Promise(() => {}));
  const taken: unknown[] = [];
  const taking = reservations.take(1).then((one) => taken.push(one));
  await vi.advanceTimersByTimeAsync(999);
  expect(taken).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await taking;
  expect(taken).toEqual([null]);
});

test('grants concurrent reservations while bytes are free', async () => {
  const reservations = open(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { usedBytes: 0, limitBytes: 100 };
  });
  const taken = await Promise.all(Array.from({ length: 20 }, () => reservations.take(100)));
  expect(taken.filter((one) => one !== null)).toHaveLength(1);
});

test('repeats a slow count less often while bytes are free, and immediately for a refusal', async () => {
  let counts = 0;
  const reservations = open(async () => {
    counts++;
    vi.advanceTimersByTime(600);
    return { usedBytes: 0, limitBytes: 100 };
  });
  expect(await reservations.fits(100)).toBe(true);
  vi.advanceTimersByTime(11_000);
  expect(await reservations.fits(100)).toBe(true);
  expect(counts).toBe(1);
  vi.advanceTimersByTime(1100);
  expect(await reservations.fits(100)).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(counts).toBe(2);
  vi.advanceTimersByTime(5100);
  expect(await reservations.fits(101)).toBe(false);
  expect(counts).toBe(3);
});

test('rests during a count while bytes are free, and no longer once a refusal waits for it', async () => {
  const rests: boolean[] = [];
  const reservations = open(async (pace) => {
    for (let step = 0; step < 3; step++) {
      vi.advanceTimersByTime(10);
      let isLater = false;
      setImmediate(() => {
        isLater = true;
      });
      await pace();
      rests.push(isLater);
    }
    return { usedBytes: 0, limitBytes: 100 };
  });
  expect(await reservations.fits(100)).toBe(true);
  expect(rests).toEqual([false, false, false]);
  vi.advanceTimersByTime(5100);
  expect(await reservations.fits(100)).toBe(true);
  expect(await reservations.fits(101)).toBe(false);
  expect(rests.slice(3)).toEqual([true, false, false]);
});

test('rests only briefly after a step that took long', async () => {
  let ended = () => {};
  const reservations = open(async (pace) => {
    vi.advanceTimersByTime(60_000);
    await pace();
    ended();
    return { usedBytes: 0, limitBytes: 100 };
  });
  expect(await reservations.fits(100)).toBe(true);
  vi.advanceTimersByTime(3600_000);
  const counted = new Promise<void>((resolve) => {
    ended = resolve;
  });
  expect(await reservations.fits(100)).toBe(true);
  const late = new AbortController();
  expect(await Promise.race([counted, sleep(30_000, 'rests', { signal: late.signal })])).toBe(undefined);
  late.abort();
});

test('begins with the last count of an earlier process, and takes its own once that has ended', async () => {
  const counting = Promise.withResolvers<Count>();
  const reservations = open(() => counting.promise, { usedBytes: 40, limitBytes: 100 });
  await reservations.begin();
  expect([await reservations.fits(60), reservations.free()]).toEqual([true, 60]);
  counting.resolve({ usedBytes: 90, limitBytes: 100 });
  await vi.waitFor(() => expect(reservations.free()).toBe(10));
});

test('counts before it begins if no earlier process has counted', async () => {
  const reservations = open(async () => ({ usedBytes: 40, limitBytes: 100 }));
  await reservations.begin();
  expect(reservations.free()).toBe(60);
});
