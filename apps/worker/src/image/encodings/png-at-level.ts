import { openStrip, type Strip } from '../frames.js';
import { affordableLevel } from './affordable-level.js';
import type { Indexed } from './content.js';
import type { Encoding } from './encoding.js';
import { filteredPng } from './filtered-png.js';
import { indexedPng } from './indexed-png.js';

/** Filters each row like the source. */
export function pngLikeSource(strip: Strip, filters: Uint8Array, level: number): Encoding {
  return pngEncoding(`png level ${level} filtered like the source`, filteredPng(strip, filters, level));
}

/** @param wanted the level, unless it takes too long */
export async function palettePng(
  { size }: Strip,
  { colours, indexes }: Indexed,
  wanted: number,
): Promise<Encoding> {
  const rows: Strip = { pixels: Buffer.from(indexes.buffer), size, channels: 1, frames: 1 };
  const encode = (part: Strip, level: number) =>
    indexedPng(part.size, { colours, indexes: part.pixels }, level);
  const level = await boundedLevel(wanted, rows, encode);
  return pngEncoding(`png palette level ${level}`, encode(rows, level));
}

/** @param wanted the level, unless it takes too long */
export async function plainPng(strip: Strip, wanted: number, adaptiveFiltering: boolean): Promise<Encoding> {
  const encode = (rows: Strip, compressionLevel: number) =>
    openStrip(rows)
      .toColourspace(rows.channels < 3 ? 'b-w' : 'srgb')
      .png({ compressionLevel, adaptiveFiltering })
      .toBuffer();
  const level = await boundedLevel(wanted, strip, encode);
  const data = await encode(strip, level);
  const kind = strip.channels < 3 ? ' grey' : '';
  return pngEncoding(
    `png${kind} level ${level}${adaptiveFiltering ? ' filtered' : ''}`,
    withoutDensity(data),
  );
}

/** zlib's highest level only where it takes a bounded time. */
async function boundedLevel(
  level: number,
  rows: Strip,
  encode: (part: Strip, level: number) => unknown,
): Promise<number> {
  if (level <= LEVELS[0]) return level;
  return affordableLevel({ level, cheaper: LEVELS[0] }, rows, (sample) => encode(sample, level));
}

/** zlib's levels, one after the other. Level 9 takes up to 20 times as long as level 6, and saves up to 10 %. */
export const LEVELS = [6, 9] as const;

export const pngEncoding = (encoder: string, data: Buffer): Encoding => ({
  data,
  encoder,
  quality: null,
  isLossless: true,
});

const PHYS_BYTES = 21;

// libvips always writes the density, which is unknown here.
function withoutDensity(png: Buffer): Buffer {
  const at = png.indexOf('pHYs', 33, 'latin1') - 4;
  return at === 33 ? Buffer.concat([png.subarray(0, at), png.subarray(at + PHYS_BYTES)]) : png;
}
