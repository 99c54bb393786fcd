import sharp, { type Metadata } from 'sharp';
import { namesSrgb } from '../metadata.js';
import { withProfile } from './png-profile.js';

/** Levels of each channel in the probe: 0, 17 … 255. */
const LEVELS = 16;
const SIDE = 64;

/** The last result. The pictures of a camera have the same profile, and a test takes 7 ms. */
let last: { icc: Buffer; isSrgb: boolean } | null = null;

/** Whether the profile is sRGB. Converting with it takes 9 ms per megapixel and would only round some samples up or down. */
export async function isSrgbProfile(metadata: Metadata): Promise<boolean> {
  const { icc, space } = metadata;
  if (icc === undefined || space !== 'srgb' || !namesSrgb(metadata)) return false;
  if (last?.icc.equals(icc) !== true) last = { icc, isSrgb: await keepsColours(icc).catch(() => false) };
  return last.isSrgb;
}

async function keepsColours(icc: Buffer): Promise<boolean> {
  const probe = Buffer.from(
    Array.from({ length: LEVELS ** 3 }, (_, i) => [i % LEVELS, (i >> 4) % LEVELS, i >> 8])
      .flat()
      .map((level) => level * 17),
  );
  const png = await sharp(probe, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const converted = await sharp(withProfile(png, icc)).toColourspace('srgb').raw().toBuffer();
  return converted.every((sample, i) => Math.abs(sample - (probe[i] ?? 0)) <= 1);
}
