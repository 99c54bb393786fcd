import { expect, test } from 'vitest';
import { runOverload } from './overload.js';

/** A small `pnpm bench:overload`. Its figures mean nothing beside other tests. */
test('publishes what arrives at half of the capacity, and at twice of it', async () => {
  const { rounds, p99Ms } = await runOverload({
    rounds: 1,
    seconds: 1,
    pictures: 8,
    inFlight: 4,
    lanes: 1,
    scale: 0.05,
    say: () => {},
  });
  const [round] = rounds;
  expect(round?.double.perSecond).toBeCloseTo(4 * (round?.half.perSecond ?? 0));
  expect([round?.half.failures, round?.double.failures]).toEqual([[], []]);
  expect(round?.double.accept.count).toBe(Math.max(1, Math.round(2 * (round?.capacity ?? 0))));
  expect(Math.min(p99Ms.half, p99Ms.double, p99Ms.ratio)).toBeGreaterThan(0);
});
