import { expect, test } from 'vitest';
import { runOverload } from './overload.js';

/** A small `pnpm bench overload`. Its figures mean nothing beside other tests. */
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
  expect(round?.double.perSecond).toBe(2 * (round?.capacity ?? 0));
  // On a busy machine the API may refuse some.
  const sent = (round?.double.accept.count ?? 0) + (round?.double.failures.length ?? 0);
  expect(sent).toBe(Math.max(1, Math.round(2 * (round?.capacity ?? 0))));
  expect(p99Ms.double).toBeGreaterThan(0);
});
