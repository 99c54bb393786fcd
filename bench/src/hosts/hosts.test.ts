import { expect, test } from 'vitest';
import { runHosts } from './hosts.js';

/** A small `pnpm bench hosts`. Its figures mean nothing beside other tests. */
test('lands pictures with two APIs and two workers, and measures Redis', async () => {
  const { rows } = await runHosts({ pictures: 4, inFlight: 4, workers: [2], apis: [2], say: () => {} });
  expect(rows.map(({ apis, workers }) => [apis, workers])).toEqual([[2, 2]]);
  for (const { imagesPerSecond, msPerImage, redisMsPerImage } of rows)
    expect(Math.min(imagesPerSecond, msPerImage, redisMsPerImage)).toBeGreaterThan(0);
});
