import type { Profile } from '@pixdock/contract/profile';
import sharp, { type Sharp } from 'sharp';
import { withProfile } from './colour/png-profile.js';
import { eachFrame, frameOf, openStrip, type Strip } from './frames.js';
import { isSame, type Size, type Target } from './geometry.js';
import { checkPixels, diagnoseDamage, type Inspected } from './inspect.js';
import { hasMismatchedProfile, isWideGamut } from './metadata.js';
import type { ImageLimits } from './types.js';

/** The decoded image, upright, at the largest scale that a variant needs. All variants are encoded from it. */
export interface Base {
  /** A new pipeline that produces `target` from all frames or from the first. */
  open(target: Target, frames: 'all' | 'first'): Promise<Sharp>;
  /** The same pixels; null if the base is wide. */
  strip(target: Target, frames: 'all' | 'first'): Promise<Strip | null>;
  size: Size;
  frames: number;
  /** Whether the base is Display P3 instead of sRGB. Pipelines keep P3 only with `keepIccProfile`. */
  wide: boolean;
}

/** Decodes every pixel that the variants use, once. @throws Refusal when the file is truncated or damaged */
export async function decode(
  path: string,
  inspected: Inspected,
  size: Size,
  frames: number,
  profile: Profile,
  limits: ImageLimits,
): Promise<Base> {
  const source = sharp(path, {
    failOn: 'error',
    limitInputPixels: limits.maxPixels,
    ignoreIcc: Boolean(inspected.signalled?.profile) || hasMismatchedProfile(inspected.metadata),
    pages: frames > 1 ? -1 : 1,
  });
  const warnings: string[] = [];
  source.on('warning', (warning: string) => warnings.push(warning));
  const base = await decodeAll(source, inspected, size, frames, profile).catch(async () => {
    throw await diagnoseDamage(path, inspected.format);
  });
  if (inspected.format === 'jpeg') await checkPixels(path, warnings);
  return base;
}

async function decodeAll(
  source: Sharp,
  inspected: Inspected,
  size: Size,
  frames: number,
  { colorSpace }: Profile,
): Promise<Base> {
  const { metadata } = inspected;
  const profile = inspected.signalled?.profile ?? null;
  let pipeline = source;
  if (frames > 1) return baseFromStrip(await decodeFrames(pipeline, inspected, size, frames));
  if (inspected.isPremultiplied) pipeline = await unpremultiply(pipeline.autoOrient());
  pipeline.autoOrient().resize({ ...size, fit: 'fill' });
  if (profile !== null)
    pipeline = await applyProfile(profile, pipeline.toColourspace(metadata.space ?? 'srgb'));
  // Animations become sRGB, since a strip of raw frames cannot carry a profile.
  if (colorSpace === 'preserve' && isWideGamut(metadata)) return await wideGamutBase(pipeline, size);
  // sharp converts 16-bit colours to P3 and keeps them there by default.
  if (metadata.space === 'rgb16' && metadata.icc !== undefined)
    pipeline.withIccProfile('srgb', { attach: false });
  return baseFromStrip(await toStrip(pipeline, 1));
}

async function unpremultiply(pipeline: Sharp): Promise<Sharp> {
  const { pixels, size, channels } = await toStrip(pipeline, 1);
  return sharp(pixels, { raw: { ...size, channels, premultiplied: true }, limitInputPixels: false });
}

// sharp reads a profile only from a file, so embed it in an intermediate PNG.
async function applyProfile(profile: Buffer, pipeline: Sharp): Promise<Sharp> {
  const still = await pipeline.png({ compressionLevel: 0 }).toBuffer();
  return sharp(withProfile(still, profile), { limitInputPixels: false });
}

async function decodeFrames(
  pipeline: Sharp,
  { orientation }: Inspected,
  size: Size,
  frames: number,
): Promise<Strip> {
  const strip = await toStrip(pipeline, frames);
  if (orientation === 1 && isSame(size, strip.size)) return strip;
  return eachFrame(strip, (frame) => turnUpright(frame, orientation).resize({ ...size, fit: 'fill' }));
}

async function toStrip(pipeline: Sharp, frames: number): Promise<Strip> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (height % frames !== 0) throw new Error('fewer frames than the header declares');
  return { pixels: data, size: { width, height: height / frames }, channels, frames };
}

// Turns a stored frame upright (EXIF 2.32, tag 0x0112). sharp mirrors before it rotates.
function turnUpright(image: Sharp, orientation: number): Sharp {
  if (orientation === 2 || orientation === 5 || orientation === 7) image.flop();
  if (orientation === 4) image.flip();
  const degrees = { 3: 180, 5: 270, 6: 90, 7: 90, 8: 270 }[orientation];
  return degrees === undefined ? image : image.rotate(degrees);
}

function baseFromStrip(strip: Strip): Base {
  const { size, frames } = strip;
  return {
    size,
    frames,
    wide: false,
    async strip(target, which) {
      const selected = which === 'all' ? strip : frameOf(strip, 0);
      return isSame(target.size, size) ? selected : eachFrame(selected, (frame) => scaleTo(target, frame));
    },
    async open(target, which) {
      const selected = which === 'all' ? strip : frameOf(strip, 0);
      if (isSame(target.size, size)) return openStrip(selected);
      if (selected.frames === 1) return scaleTo(target, openStrip(selected));
      return openStrip(await eachFrame(selected, (frame) => scaleTo(target, frame)));
    },
  };
}

// Raw pixels cannot carry a profile, so a wide gamut is held in an uncompressed PNG with libvips' built-in P3 profile.
async function wideGamutBase(pipeline: Sharp, size: Size): Promise<Base> {
  const still = await pipeline
    .pipelineColourspace('rgb16')
    .withIccProfile('p3')
    .png({ compressionLevel: 0 })
    .toBuffer();
  return {
    size,
    frames: 1,
    wide: true,
    strip: async () => null,
    async open(target) {
      const image = sharp(still, { limitInputPixels: false });
      return isSame(target.size, size) ? image : scaleTo(target, image);
    },
  };
}

function scaleTo({ scaled, size }: Target, image: Sharp): Sharp {
  return image.resize({ ...size, fit: isSame(size, scaled) ? 'fill' : 'cover' });
}
