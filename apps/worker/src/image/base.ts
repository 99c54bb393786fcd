import sharp, { type Sharp } from 'sharp';
import { eachFrame, frameOf, freePixels, openStrip, type Strip } from './frames.js';
import { isSame, type Size, type Target } from './geometry.js';

/** The decoded image, upright, at the largest scale that a variant needs. All variants are encoded from it until it is disposed. */
export interface Base extends Disposable {
  /** A new pipeline that produces `target` from all frames or from the first. */
  open(target: Target, frames: 'all' | 'first'): Promise<Sharp>;
  /** The same pixels; null if the base is wide. */
  strip(target: Target, frames: 'all' | 'first'): Promise<Strip | null>;
  size: Size;
  frames: number;
  /** Whether the base is Display P3 instead of sRGB. Pipelines keep P3 only with `keepIccProfile`. */
  wide: boolean;
}

export function baseFromStrip(strip: Strip): Base {
  const { size, frames } = strip;
  return {
    size,
    frames,
    wide: false,
    async strip(target, which) {
      const selected = which === 'all' ? strip : frameOf(strip, 0);
      return isSame(target.size, size) ? selected : scaleFrames(target, selected);
    },
    async open(target, which) {
      const selected = which === 'all' ? strip : frameOf(strip, 0);
      if (isSame(target.size, size)) return openStrip(selected);
      if (selected.frames === 1) return scaleTo(target, openStrip(selected));
      return openStrip(await scaleFrames(target, selected));
    },
    [Symbol.dispose]: () => freePixels(strip.pixels),
  };
}

// Raw pixels cannot carry a profile, so a wide gamut is held in an uncompressed PNG with libvips' built-in P3 profile.
export async function wideGamutBase(pipeline: Sharp, size: Size): Promise<Base> {
  const still = pipeline.pipelineColourspace('rgb16').withIccProfile('p3').png({ compressionLevel: 0 });
  return baseFromStill(await still.toBuffer(), size);
}

export function baseFromStill(still: Buffer, size: Size): Base {
  return {
    size,
    frames: 1,
    wide: true,
    strip: async () => null,
    async open(target) {
      const image = sharp(still, { limitInputPixels: false });
      return isSame(target.size, size) ? image : scaleTo(target, image);
    },
    [Symbol.dispose]: () => freePixels(still),
  };
}

/** Crops all frames where the first one is cropped, so that the picture does not jump. */
async function scaleFrames(target: Target, strip: Strip): Promise<Strip> {
  const { scaled, size, position = 'centre' } = target;
  if (strip.frames === 1 || position === 'centre' || isSame(size, scaled))
    return eachFrame(strip, (frame) => scaleTo(target, frame));
  const first = await eachFrame(frameOf(strip, 0), (frame) => frame.resize({ ...scaled, fit: 'fill' }));
  const { info } = await scaleTo(target, openStrip(first)).raw().toBuffer({ resolveWithObject: true });
  const region = {
    ...size,
    left: Math.abs(info.cropOffsetLeft ?? 0),
    top: Math.abs(info.cropOffsetTop ?? 0),
  };
  return eachFrame(strip, (frame) => frame.resize({ ...scaled, fit: 'fill' }).extract(region));
}

function scaleTo({ scaled, size, position = 'centre' }: Target, image: Sharp): Sharp {
  return image.resize({ ...size, position, fit: isSame(size, scaled) ? 'fill' : 'cover' });
}
