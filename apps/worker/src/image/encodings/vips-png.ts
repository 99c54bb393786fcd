import { openStrip, type Strip } from '../frames.js';
import { affordableLevel } from './affordable-level.js';
import type { Encoding } from './encoding.js';

/** zlib's levels. Level 9 takes up to 20 times as long as level 6, and saves up to 10 %. */
export const [VIPS_LEVEL, HIGHEST_VIPS_LEVEL] = [6, 9] as const;

/**
 * Lets libvips choose the filters and compress.
 * @param wanted zlib's level, unless it takes too long
 */
export async function vipsPng(strip: Strip, wanted: number, adaptiveFiltering: boolean): Promise<Encoding> {
  const encode = (rows: Strip, compressionLevel: number) =>
    openStrip(rows)
      .toColourspace(rows.channels < 3 ? 'b-w' : 'srgb')
      .png({ compressionLevel, adaptiveFiltering })
      .toBuffer();
  const levels = { level: wanted, cheaper: VIPS_LEVEL };
  const level =
    wanted <= VIPS_LEVEL ? wanted : await affordableLevel(levels, strip, (sample) => encode(sample, wanted));
  const data = await encode(strip, level);
  const kind = strip.channels < 3 ? ' grey' : '';
  return pngEncoding(
    `png${kind} level ${level}${adaptiveFiltering ? ' filtered' : ''}`,
    withoutDensity(data),
  );
}

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
