import { expect, test } from 'vitest';
import { runSlowOss } from './slow-oss.js';

/** A small `pnpm bench slow-oss`. Its figures mean nothing beside other tests. */
test('lands pictures with a quick and a slow OSS, and compares their rates', async () => {
  const { rows } = await runSlowOss({
    rounds: 1,
    pictures: 4,
    inFlight: 4,
    latenciesMs: [100],
    sideName: 'pixdock-raw',
    lanes: 1,
    scale: 0.05,
    say: () => {},
  });
  expect(rows.map(({ latencyMs }) => latencyMs)).toEqual([0, 100]);
  expect(rows[0]?.ratio).toBe(1);
  for (const { imagesPerSecond, msPerImage, ratio } of rows)
    expect(Math.min(imagesPerSecond, msPerImage, ratio)).toBeGreaterThan(0);
});
