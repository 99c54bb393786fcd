import type { Profile } from '@pixdock/shared/contract/profile';
import sharp, { type Sharp } from 'sharp';
import type { Size } from './geometry.js';
import { damage, type Inspected } from './inspect.js';
import { isWideGamut } from './metadata.js';
import type { ImageLimits } from './types.js';

/** The decoded picture, upright and at the largest scale that any variant needs: every variant is made from it. */
export interface Base {
  /** A new pipeline over all frames, or over the first one alone. */
  open(frames: 'all' | 'first'): Sharp;
  size: Size;
  frames: number;
  /** Display P3 rather than sRGB. */
  wide: boolean;
}

/** Decodes every pixel that will be used, once. @throws Refusal when the bytes are cut off or damaged */
export async function decode(
  path: string,
  inspected: Inspected,
  size: Size,
  frames: number,
  { colorSpace }: Profile,
  limits: ImageLimits,
): Promise<Base> {
  const wide = colorSpace === 'preserve' && isWideGamut(inspected.metadata);
  const pipeline = sharp(path, {
    failOn: 'error',
    limitInputPixels: limits.maxPixels,
    pages: frames > 1 ? -1 : 1,
  });
  if (frames === 1) pipeline.autoOrient();
  // An animation is turned frame by frame below, since libvips holds its frames as one tall picture.
  const turned = frames > 1 && inspected.orientation > 1;
  const upright = turned && inspected.orientation >= 5 ? { width: size.height, height: size.width } : size;
  pipeline.resize({ ...upright, fit: 'fill' });
  try {
    if (wide) return await keepWide(pipeline, size, frames);
    const { data, info } = await pipeline
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { channels } = info;
    const pixels = turned ? await turnFrames(data, upright, channels, frames, inspected.orientation) : data;
    return rawBase(pixels, size, channels, frames);
  } catch {
    throw await damage(path, inspected.format);
  }
}

type Channels = 1 | 2 | 3 | 4;

function rawBase(pixels: Buffer, size: Size, channels: Channels, frames: number): Base {
  const frameBytes = size.width * size.height * channels;
  return {
    size,
    frames,
    wide: false,
    open(which) {
      const all = which === 'all' && frames > 1;
      const height = all ? size.height * frames : size.height;
      const data = all ? pixels : pixels.subarray(0, frameBytes);
      const raw = { width: size.width, height, channels, ...(all ? { pageHeight: size.height } : {}) };
      return sharp(data, { raw, limitInputPixels: false });
    },
  };
}

// Raw pixels cannot carry a profile, so a wide gamut travels in an uncompressed PNG with libvips' own small P3.
async function keepWide(pipeline: Sharp, size: Size, frames: number): Promise<Base> {
  const still = await pipeline
    .pipelineColourspace('rgb16')
    .withIccProfile('p3')
    .png({ compressionLevel: 0 })
    .toBuffer();
  return {
    size,
    frames: Math.min(frames, 1),
    wide: true,
    open: () => sharp(still, { limitInputPixels: false }).keepIccProfile(),
  };
}

async function turnFrames(
  pixels: Buffer,
  { width, height }: Size,
  channels: Channels,
  frames: number,
  orientation: number,
): Promise<Buffer> {
  const bytes = width * height * channels;
  const turned: Buffer[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const data = pixels.subarray(frame * bytes, (frame + 1) * bytes);
    turned.push(
      await turn(sharp(data, { raw: { width, height, channels } }), orientation)
        .raw()
        .toBuffer(),
    );
  }
  return Buffer.concat(turned);
}

// EXIF 2.32, tag 0x0112: what has to be done to show the stored picture upright.
function turn(image: Sharp, orientation: number): Sharp {
  if (orientation === 2 || orientation === 5 || orientation === 7) image.flop();
  if (orientation === 4) image.flip();
  const degrees = { 3: 180, 5: 270, 6: 90, 7: 90, 8: 270 }[orientation];
  return degrees === undefined ? image : image.rotate(degrees);
}
