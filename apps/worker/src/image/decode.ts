import type { Profile } from '@pixdock/contract/profile';
import sharp, { type Sharp } from 'sharp';
import { underProfile } from './colour/png-profile.js';
import { eachFrame, frameOf, openStrip, type Strip } from './frames.js';
import { isSame, type Size, type Target } from './geometry.js';
import { checkPixels, damage, type Inspected } from './inspect.js';
import { hasForeignProfile, isWideGamut } from './metadata.js';
import type { ImageLimits } from './types.js';

/** The decoded picture, upright and at the largest scale that any variant needs: every variant is made from it. */
export interface Base {
  /** A new pipeline over the picture as `target` wants it, with all frames or with the first one alone. */
  open(target: Target, frames: 'all' | 'first'): Promise<Sharp>;
  size: Size;
  frames: number;
  /** Display P3 rather than sRGB; pipelines keep it where they are told to. */
  wide: boolean;
}

/** Decodes every pixel that will be used, once. @throws Refusal when the bytes are cut off or damaged */
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
    ignoreIcc: Boolean(inspected.signalled?.profile) || hasForeignProfile(inspected.metadata),
    pages: frames > 1 ? -1 : 1,
  });
  const warnings: string[] = [];
  source.on('warning', (warning: string) => warnings.push(warning));
  const base = await decodeAll(source, inspected, size, frames, profile).catch(async () => {
    throw await damage(path, inspected.format);
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
  if (frames > 1) return stripBase(await decodeFrames(pipeline, inspected, size, frames));
  if (inspected.isPremultiplied) pipeline = await unpremultiply(pipeline.autoOrient());
  pipeline.autoOrient().resize({ ...size, fit: 'fill' });
  if (profile !== null) pipeline = await openUnder(profile, pipeline.toColourspace(metadata.space ?? 'srgb'));
  // Animations become sRGB in any case: no decoded form that keeps frames apart can carry a profile.
  if (colorSpace === 'preserve' && isWideGamut(metadata)) return await wideBase(pipeline, size);
  // sharp takes 16-bit colours through P3, and would leave them there.
  if (metadata.space === 'rgb16' && metadata.icc !== undefined)
    pipeline.withIccProfile('srgb', { attach: false });
  return stripBase(await toStrip(pipeline, 1));
}

async function unpremultiply(pipeline: Sharp): Promise<Sharp> {
  const { pixels, size, channels } = await toStrip(pipeline, 1);
  return sharp(pixels, { raw: { ...size, channels, premultiplied: true }, limitInputPixels: false });
}

// A profile is what sharp takes from a file alone.
async function openUnder(profile: Buffer, pipeline: Sharp): Promise<Sharp> {
  const still = await pipeline.png({ compressionLevel: 0 }).toBuffer();
  return sharp(underProfile(still, profile), { limitInputPixels: false });
}

async function decodeFrames(
  pipeline: Sharp,
  { orientation }: Inspected,
  size: Size,
  frames: number,
): Promise<Strip> {
  const strip = await toStrip(pipeline, frames);
  if (orientation === 1 && isSame(size, strip.size)) return strip;
  return eachFrame(strip, (frame) => turn(frame, orientation).resize({ ...size, fit: 'fill' }));
}

async function toStrip(pipeline: Sharp, frames: number): Promise<Strip> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (height % frames !== 0) throw new Error('fewer frames than the header told');
  return { pixels: data, size: { width, height: height / frames }, channels, frames };
}

// EXIF 2.32, tag 0x0112: what has to be done to show the stored picture upright. sharp mirrors before it rotates.
function turn(image: Sharp, orientation: number): Sharp {
  if (orientation === 2 || orientation === 5 || orientation === 7) image.flop();
  if (orientation === 4) image.flip();
  const degrees = { 3: 180, 5: 270, 6: 90, 7: 90, 8: 270 }[orientation];
  return degrees === undefined ? image : image.rotate(degrees);
}

function stripBase(strip: Strip): Base {
  const { size, frames } = strip;
  return {
    size,
    frames,
    wide: false,
    async open(target, which) {
      const wanted = which === 'all' ? strip : frameOf(strip, 0);
      if (isSame(target.size, size)) return openStrip(wanted);
      if (wanted.frames === 1) return scaleTo(target, openStrip(wanted));
      return openStrip(await eachFrame(wanted, (frame) => scaleTo(target, frame)));
    },
  };
}

// Raw pixels cannot carry a profile, so a wide gamut travels in an uncompressed PNG with libvips' own small P3.
async function wideBase(pipeline: Sharp, size: Size): Promise<Base> {
  const still = await pipeline
    .pipelineColourspace('rgb16')
    .withIccProfile('p3')
    .png({ compressionLevel: 0 })
    .toBuffer();
  return {
    size,
    frames: 1,
    wide: true,
    async open(target) {
      const image = sharp(still, { limitInputPixels: false });
      return isSame(target.size, size) ? image : scaleTo(target, image);
    },
  };
}

function scaleTo({ scaled, size }: Target, image: Sharp): Sharp {
  return image.resize({ ...size, fit: isSame(size, scaled) ? 'fill' : 'cover' });
}
