import { variantSchema } from '@pixdock/contract/profile';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Strip } from '../frames.js';
import { generator } from '../testing/pictures.js';
import type { Attempt, Attempts, Task } from './attempt.js';
import { indexColours } from './content.js';
import { indexedPng } from './indexed-png.js';
import { loadOxipng } from './oxipng.js';
import { encodePng } from './png.js';
import { openWithXmp } from './xmp.js';

const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';

/** Random pixels of the given colours. */
function pixelsOf(colours: readonly (readonly number[])[], channels: Strip['channels'], width = 37): Strip {
  const random = generator(colours.length);
  const pixels = Array.from({ length: width * 23 }, (_, i) =>
    i < colours.length ? colours[i] : colours[Math.floor(random() * colours.length)],
  );
  return {
    pixels: Buffer.from(pixels.flatMap((pixel) => pixel ?? [])),
    size: { width, height: 23 },
    channels,
    frames: 1,
  };
}

const rgba = (file: Buffer) => sharp(file).toColourspace('srgb').ensureAlpha().raw().toBuffer();
const shown = ({ pixels, size, channels }: Strip) =>
  sharp(pixels, { raw: { ...size, channels } })
    .ensureAlpha()
    .raw()
    .toBuffer();
const colours = (count: number, alpha = false) =>
  Array.from({ length: count }, (_, i) =>
    [i * 7, 255 - i, i * 3, ...(alpha ? [i % 3 === 0 ? i : 255] : [])].map((v) => v & 255),
  );

it.each([1, 2, 3, 4, 5, 16, 17, 256])('writes %i colours exactly', async (count) => {
  for (const alpha of [false, true]) {
    const strip = pixelsOf(colours(count, alpha), alpha ? 4 : 3);
    const indexed = indexColours(strip);
    if (indexed === null) throw new Error('too many colours');
    expect((await rgba(indexedPng(strip.size, indexed, 6))).equals(await shown(strip))).toBe(true);
  }
});

it.each([
  [1, [0, 255]],
  [2, [0, 85, 170, 255]],
  [4, [0, 17, 34, 51, 255]],
] as const)('writes grey in %i bits without a palette', async (depth, levels) => {
  const strip = pixelsOf(
    levels.map((level) => [level, level, level]),
    3,
  );
  const indexed = indexColours(strip);
  if (indexed === null) throw new Error('too many colours');
  const file = indexedPng(strip.size, indexed, 6);
  expect([file[24], file[25], file.includes('PLTE')]).toEqual([depth, 0, false]);
  expect((await rgba(file)).equals(await shown(strip))).toBe(true);
});

const taskOf = (strip: Strip, source: Buffer, xmp: string | null = null): Task => ({
  picture: { strip: async () => strip, open: async () => openWithXmp(strip, null) },
  variant: { ...DEFAULT_VARIANT, format: 'keep', effort: 2 },
  timing: {},
  xmp,
  source: { ...CODING, bytes: source.length },
  isUnscaled: true,
});
async function collect(attempts: Attempts): Promise<Attempt[]> {
  const all: Attempt[] = [];
  for await (const attempt of attempts) all.push(attempt);
  return all;
}
const DEFAULT_VARIANT = variantSchema.parse({});
const CODING = {
  format: 'png' as const,
  isLossless: true,
  quality: null,
  isProgressive: false,
  isOptimized: false,
  hasFullChroma: true,
  isGrey: false,
};

it('keeps all pixels, also invisible ones, and writes the metadata once', async () => {
  loadOxipng();
  const strip = pixelsOf(
    Array.from({ length: 851 }, (_, i) => [i / 4, i / 5, 200 - i / 6, i % 3 === 0 ? 0 : 255].map(Math.floor)),
    4,
  );
  const attempts = await collect(encodePng(taskOf(strip, Buffer.of(), XMP)));
  expect(attempts.map(({ encoder }) => encoder).slice(-2)).toEqual(['oxipng level 2', 'oxipng level 4']);
  for (const { data } of attempts) {
    expect((await rgba(data)).equals(await shown(strip))).toBe(true);
    expect(data.toString('latin1').split(XMP).length).toBe(2);
  }
});

it('searches for a smaller file only where it takes less than five seconds', async () => {
  const encoders = async (width: number, height = 1050) => {
    const strip: Strip = {
      pixels: Buffer.alloc(width * height),
      size: { width, height },
      channels: 1,
      frames: 1,
    };
    return (await collect(encodePng(taskOf(strip, Buffer.of())))).map(({ encoder }) => encoder);
  };
  loadOxipng();
  expect(await encoders(2000)).toContain('oxipng level 2');
  expect((await encoders(2001)).filter((encoder) => encoder.includes('oxipng'))).toEqual([]);
  expect(await encoders(19, 4000)).toContain('oxipng level 2');
  expect((await encoders(19, 4001)).filter((encoder) => encoder.includes('oxipng'))).toEqual([]);
});
