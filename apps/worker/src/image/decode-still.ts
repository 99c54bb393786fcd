import type { Profile } from '@pixdock/contract/profile';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { type Base, baseFromStrip, wideGamutBase } from './base.js';
import { withProfile } from './colour/png-profile.js';
import type { Strip } from './frames.js';
import type { Size } from './geometry.js';
import type { Inspected } from './inspect.js';
import { hasUsableProfile, isWideGamut } from './metadata.js';
import { toStrip } from './to-strip.js';

export async function decodeStill(
  source: Sharp,
  inspected: Inspected,
  size: Size,
  { colorSpace }: Profile,
): Promise<Base> {
  const { metadata, orientation } = inspected;
  const profile = inspected.signalled?.profile ?? null;
  let pipeline = orientation === 1 ? source : source.autoOrient();
  if (inspected.isPremultiplied || inspected.isLimitedAlpha)
    pipeline = await repairAlpha(pipeline, inspected);
  pipeline.resize({ ...size, fit: 'fill' });
  if (inspected.isLimitedGrey) expandRange(pipeline, metadata);
  if (metadata.space === 'cmyk' && !hasUsableProfile(metadata))
    return baseFromStrip(await convertCmyk(pipeline));
  if (profile !== null)
    pipeline = await applyProfile(profile, pipeline.toColourspace(metadata.space ?? 'srgb'));
  // Animations become sRGB, since a strip of raw frames cannot carry a profile.
  if (colorSpace === 'preserve' && isWideGamut(metadata)) return await wideGamutBase(pipeline, size);
  // sharp converts 16-bit colours to P3 and keeps them there by default.
  if (metadata.space === 'rgb16' && metadata.icc !== undefined)
    pipeline.withIccProfile('srgb', { attach: false });
  return baseFromStrip(await toStrip(pipeline, 1));
}

async function repairAlpha(pipeline: Sharp, { isPremultiplied, isLimitedAlpha }: Inspected): Promise<Sharp> {
  const { pixels, size, channels } = await toStrip(pipeline, 1);
  if (isLimitedAlpha)
    for (let at = channels - 1; at < pixels.length; at += channels)
      // Each sample exists, and is clamped.
      pixels[at] = Math.max(0, Math.min(255, Math.round((((pixels[at] ?? 0) - 16) * 255) / 219)));
  return sharp(pixels, {
    raw: { ...size, channels, premultiplied: isPremultiplied },
    limitInputPixels: false,
  });
}

// sharp reads a profile only from a file, so embed it in an intermediate PNG.
async function applyProfile(profile: Buffer, pipeline: Sharp): Promise<Sharp> {
  const still = await pipeline.png({ compressionLevel: 0 }).toBuffer();
  return sharp(withProfile(still, profile), { limitInputPixels: false });
}

// libheif leaves monochrome in the range of video, 16 to 235 of 255. libvips shifts 10 and 12 bits up to 16.
function expandRange(pipeline: Sharp, { space }: Metadata): void {
  const [unit, max, rounding] = space === 'rgb16' ? [256, 65_535, 0] : [1, 255, 0.5];
  const scale = max / (219 * unit);
  pipeline.linear(scale, rounding - 16 * unit * scale);
}

// Without a profile, libvips assumes that of a printing press.
async function convertCmyk(pipeline: Sharp): Promise<Strip> {
  const { data, info } = await pipeline
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    pixels: cmykToRgb(data, info.channels),
    size: { width: info.width, height: info.height },
    channels: 3,
    frames: 1,
  };
}

/** Converts CMYK samples without a profile as browsers do: each colour times black. Drops further channels. */
function cmykToRgb(cmyk: Buffer, channels: number): Buffer {
  const rgb = Buffer.allocUnsafe((cmyk.length / channels) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += channels) {
    const light = 255 - (cmyk[from + 3] ?? 0);
    for (let i = 0; i < 3; i++) rgb[to++] = ((255 - (cmyk[from + i] ?? 0)) * light) / 255 + 0.5;
  }
  return rgb;
}
