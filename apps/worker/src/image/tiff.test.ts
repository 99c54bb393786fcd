import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './default-limits.js';
import { type Bench, openBench } from './testing/bench.js';
import { pixel, pixelsOf } from './testing/pictures.js';
import { makeTiff, PHOTOMETRIC } from './testing/tiff.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ limits: { ...DEFAULT_LIMITS, formats: ['tiff'] } });
});
afterAll(() => bench.close());

const SIZE = { width: 20, height: 15 };
const picture = (...samples: number[]) =>
  Buffer.concat(Array.from({ length: SIZE.width * SIZE.height }, () => Buffer.from(samples)));

it.each([
  ['RGB with two further channels', PHOTOMETRIC.rgb, [200, 40, 90, 255, 7], [200, 40, 90]],
  ['grey with two further channels', PHOTOMETRIC.grey, [80, 255, 7], [80, 80, 80]],
  ['CMYK with a further channel', PHOTOMETRIC.cmyk, [0, 255, 255, 0, 255], [255, 0, 0]],
])('shows a TIFF in %s', async (_, photometric, samples, shown) => {
  const { files } = await bench.rendered(makeTiff(SIZE, photometric, picture(...samples)));
  const rgb = await sharp(files.main).removeAlpha().png().toBuffer();
  const pixels = await pixelsOf(rgb);
  for (const at of [0, 14]) expect(pixel(pixels, at, at)).toEqual(shown);
});
