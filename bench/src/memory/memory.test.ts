import { expect, test } from 'vitest';
import { runMemory } from './memory.js';

/** A small `pnpm bench memory`. Its figures mean nothing beside other tests. */
test('reads the memory of all processes after some pictures', async () => {
  const { levels } = await runMemory({ after: [2, 4], inFlight: 2, lanes: 1, scale: 0.05, say: () => {} });
  expect(levels.map(({ pictures }) => pictures)).toEqual([2, 4]);
  for (const { api, worker, decoders, redis } of levels)
    expect(Math.min(api, worker, decoders, redis)).toBeGreaterThan(0);
});
