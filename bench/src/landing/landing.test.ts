import { expect, test } from 'vitest';
import { runLanding } from './landing.js';
import { tableOf } from './table.js';

const SIDES = ['loop-best', 'express', 'pixdock-raw', 'pixdock-form'];

/** A small `pnpm bench`. Its figures mean nothing beside other tests; Linux counts CPU time in steps of 10 ms. */
test('lands the same pictures with each side and reports them in a table', async () => {
  const result = await runLanding({
    rounds: 1,
    pictures: 8,
    inFlight: 2,
    only: SIDES,
    profileFolder: null,
    lanes: 1,
    scale: 0.2,
    say: () => {},
  });
  expect(result.sides.map(({ name }) => name)).toEqual(SIDES);
  for (const { msPerImage, peakMib, bytesPerImage } of result.sides) {
    expect(Math.min(msPerImage, peakMib, bytesPerImage)).toBeGreaterThan(0);
    expect(bytesPerImage / (result.sides[0]?.bytesPerImage ?? 0)).toBeCloseTo(1, 0);
  }
  const table = tableOf(result);
  expect(table).toContain('| pixdock-form');
  expect(table).toMatch(/pixdock-raw: api [\d.]+ ms, worker [\d.]+ ms, worker's children [\d.]+ ms, redis/);
});
