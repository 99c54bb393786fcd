import sharp, { type Metadata } from 'sharp';
import { namesSrgb } from '../metadata.js';
import { withProfile } from './png-profile.js';

/** Levels of each channel in the probe: 0, 17 … 255. */
const LEVELS = 16;
const SIDE = 64;

/** Whether the profile is sRGB. Converting with it would only round some samples up or down. */
export async function isSrgbProfile(metadata: Metadata): Promise<boolean> {
  const { icc, space } = metadata;
  if (icc === undefined || space !== 'srgb' || !namesSrgb(metadata)) return false;
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
