import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Strip } from '../frames.js';
import { generator } from '../testing/pictures.js';
import { chunk } from '../testing/png.js';
import { indexColours } from './content.js';
import { indexedPng } from './indexed-png.js';
import { mirroredPngs } from './mirrored-png.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pixdock-png-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

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

async function mirrored(source: Buffer): Promise<Buffer[]> {
  const path = join(dir, 'source.png');
  await writeFile(path, source);
  const { data, info } = await sharp(source)
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const strip = { pixels: data, size: info, channels: info.channels, frames: 1 } as Strip;
  return mirroredPngs(path, strip, indexColours(strip));
}

it('repeats the layout and the row filters of the source, with the same pixels', async () => {
  const noise = pixelsOf(colours(256, true), 4);
  const image = (strip: Strip) => sharp(strip.pixels, { raw: { ...strip.size, channels: strip.channels } });
  const smooth = pixelsOf(
    Array.from({ length: 851 }, (_, i) => [i / 4, i / 5, 200 - i / 6].map(Math.floor)),
    3,
  );
  const grey = pixelsOf(
    Array.from({ length: 99 }, (_, i) => [i, i, i]),
    3,
  );
  const sources = [
    await image(smooth).png({ adaptiveFiltering: true, compressionLevel: 1 }).toBuffer(),
    await image(noise).png({ compressionLevel: 1 }).toBuffer(),
    await image(noise).png({ palette: true, compressionLevel: 1 }).toBuffer(),
    await image(grey).toColourspace('b-w').png({ adaptiveFiltering: true }).toBuffer(),
  ];
  for (const source of sources) {
    const files = await mirrored(source);
    expect(Math.min(...files.map((file) => file.length))).toBeLessThanOrEqual(source.length);
    for (const file of files) {
      expect(file.subarray(24, 26)).toEqual(source.subarray(24, 26));
      expect((await rgba(file)).equals(await rgba(source))).toBe(true);
    }
  }
  expect((await mirrored(sources[0] ?? Buffer.of())).length).toBe(2);
});

it('does not repeat a palette with more colours than the depth can index', async () => {
  const source = await sharp(Buffer.alloc(300, 9), { raw: { width: 10, height: 10, channels: 3 } })
    .png({ palette: true, colours: 2 })
    .toBuffer();
  expect((await mirrored(source)).length).toBe(2);
  const at = source.indexOf('PLTE') - 4;
  const long = chunk('PLTE', Buffer.concat([source.subarray(at + 8, at + 11), Buffer.alloc(3 * 4)]));
  const end = at + 12 + source.readUInt32BE(at);
  expect(await mirrored(Buffer.concat([source.subarray(0, at), long, source.subarray(end)]))).toEqual([]);
});

it('does not repeat the layout of an interlaced or 16-bit source', async () => {
  const image = sharp(Buffer.alloc(300, 9), { raw: { width: 10, height: 10, channels: 3 } });
  expect(await mirrored(await image.clone().png({ progressive: true }).toBuffer())).toEqual([]);
  expect(await mirrored(await image.clone().toColourspace('rgb16').png().toBuffer())).toEqual([]);
});
