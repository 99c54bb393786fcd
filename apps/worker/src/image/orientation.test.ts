import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench, profile } from './testing/bench.js';
import {
  animation,
  coloured,
  difference,
  open,
  pixel,
  pixelsOf,
  scene,
  storedAs,
} from './testing/pictures.js';

const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];
const upright = scene(60, 40);
const lossless = profile({ variants: { main: { format: 'png' }, small: { width: 30, format: 'png' } } });

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

describe.each<[string, (image: Sharp) => Sharp]>([
  ['JPEG', (image) => image.jpeg({ quality: 100, chromaSubsampling: '4:4:4' })],
  [
    'progressive JPEG',
    (image) => image.jpeg({ quality: 100, chromaSubsampling: '4:4:4', progressive: true }),
  ],
  ['PNG', (image) => image.png()],
])('%s', (_, encode) => {
  it.each(EIGHT)('is published upright and without the tag for orientation %i', async (orientation) => {
    const stored = open(storedAs(orientation, upright)).withMetadata({ orientation });
    const { files, source, receipt } = await bench.rendered(await encode(stored).toBuffer(), {
      profile: lossless,
    });
    const main = files.main ?? Buffer.of();
    expect(difference(await pixelsOf(main), upright)).toBeLessThan(2);
    const small = await open(upright).resize(30, 20).png().toBuffer();
    expect(difference(await pixelsOf(files.small ?? main), await pixelsOf(small))).toBeLessThan(3);
    expect(source).toMatchObject({ width: 60, height: 40 });
    expect(receipt.orientationApplied).toBe(orientation);
    const { exif, orientation: left } = await sharp(main).metadata();
    expect([exif, left]).toEqual([undefined, undefined]);
  });
});

it.each(EIGHT)('publishes a WebP with orientation %i as stored, like browsers', async (orientation) => {
  const stored = storedAs(orientation, upright);
  const file = await open(stored).withMetadata({ orientation }).webp({ lossless: true }).toBuffer();
  const { files, source, receipt } = await bench.rendered(file, { profile: lossless });
  expect(difference(await pixelsOf(files.main ?? Buffer.of()), stored)).toBeLessThan(2);
  expect(source).toMatchObject({ width: stored.width, height: stored.height });
  expect(receipt).toMatchObject({ orientationApplied: 1, removed: ['exif'] });
});

it.each(EIGHT)('keeps the frames of an animated WebP with orientation %i as stored', async (orientation) => {
  const frames = [upright, { ...upright, data: Buffer.from(upright.data.map((value) => 255 - value)) }].map(
    (frame) => storedAs(orientation, frame),
  );
  const { width, height } = frames[0] ?? upright;
  const file = await (await animation(frames))
    .withMetadata({ orientation })
    .webp({ lossless: true, delay: [70, 90] })
    .toBuffer();
  const wanted = profile({
    variants: { main: { quality: 100 }, small: { width: width / 2, quality: 100 } },
  });
  const { files, variants, source } = await bench.rendered(file, { profile: wanted });
  expect(source).toMatchObject({ width, height, frames: 2 });
  expect(variants).toMatchObject({
    main: { width, height },
    small: { width: width / 2, height: height / 2 },
  });
  for (const name of ['main', 'small']) {
    const strip = await pixelsOf(files[name] ?? Buffer.of(), -1);
    const down = strip.height / 2;
    for (const [i, frame] of frames.entries()) {
      const data = strip.data.subarray(i * down * strip.width * strip.channels);
      const expected = await open(frame).resize(strip.width, down).png().toBuffer();
      expect(difference({ ...strip, data, height: down }, await pixelsOf(expected))).toBeLessThan(10);
    }
    const {
      pages,
      pageHeight,
      delay,
      orientation: left,
    } = await sharp(files[name], { pages: -1 }).metadata();
    expect({ pages, pageHeight, delay, left }).toEqual({
      pages: 2,
      pageHeight: down,
      delay: [70, 90],
      left: undefined,
    });
  }
});

it('ignores the orientation tag of an AVIF, like its decoder', async () => {
  const [stored] = coloured(64, 32, [[200, 30, 30]]);
  if (stored === undefined) throw new Error('no picture');
  const file = await open(stored).withMetadata({ orientation: 6 }).avif({ effort: 0 }).toBuffer();
  const shown = await sharp(file).metadata();
  const { source, files } = await bench.rendered(file, { profile: lossless });
  expect(source).toMatchObject(shown.autoOrient);
  expect(pixel(await pixelsOf(files.main ?? Buffer.of()), 3, 3)[0]).toBeGreaterThan(180);
});
