import { expect, it } from 'vitest';
import { createLimit, parallel } from './parallel.js';
import { createRate } from './progress.js';

it('runs each item once, with limited concurrency', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await parallel(
    Array.from({ length: 20 }, (_, n) => n),
    3,
    async (n) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      done.push(n);
    },
  );
  expect(most).toBe(3);
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

it('stops after an error, closes the source and throws the error', async () => {
  let closed = false;
  let yielded = 0;
  async function* endless() {
    try {
      for (;;) yield yielded++;
    } finally {
      closed = true;
    }
  }
  const work = parallel(endless(), 2, async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (n === 4) throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(closed).toBe(true);
  expect(yielded).toBeLessThan(8);
});

it('limits concurrent calls, even after a failure', async () => {
  const limit = createLimit(2);
  let inside = 0;
  let most = 0;
  const work = (n: number) =>
    limit(async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
      if (n === 0) throw new Error('no');
    });
  const results = await Promise.allSettled(Array.from({ length: 9 }, (_, n) => work(n)));
  expect(most).toBe(2);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
});

it('measures the rate over the last ten seconds', () => {
  let now = 0;
  const rate = createRate(() => now);
  for (; now <= 60_000; now += 500) rate.add(now < 30_000 ? 500 : 50);
  expect(rate.perSecond()).toBeGreaterThan(90);
  expect(rate.perSecond()).toBeLessThan(115);
  now += 20_000;
  expect(rate.perSecond()).toBe(0);
});
