import sharp, { type Sharp } from 'sharp';
import type { Size } from './geometry.js';

/** Decoded pixels, one frame below the other. */
export interface Strip {
  pixels: Buffer;
  /** Of one frame. */
  size: Size;
  channels: 1 | 2 | 3 | 4;
  frames: number;
}

/** A pipeline over all frames; over the plain picture where there is but one. */
export function openStrip({ pixels, size, channels, frames }: Strip): Sharp {
  const { width, height } = size;
  const raw = { width, height: height * frames, channels, ...(frames > 1 ? { pageHeight: height } : {}) };
  return sharp(pixels, { raw, limitInputPixels: false });
}

export function frameOf(strip: Strip, frame: number): Strip {
  const bytes = strip.size.width * strip.size.height * strip.channels;
  return { ...strip, frames: 1, pixels: strip.pixels.subarray(frame * bytes, (frame + 1) * bytes) };
}

/** Changes every frame by itself: to a resize or a rotation, frames are one tall picture and run into each other. */
export async function eachFrame(strip: Strip, change: (frame: Sharp) => Sharp): Promise<Strip> {
  const changed: Buffer[] = [];
  let { size, channels } = strip;
  for (let frame = 0; frame < strip.frames; frame++) {
    const pipeline = change(openStrip(frameOf(strip, frame)));
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    size = { width: info.width, height: info.height };
    channels = info.channels;
    changed.push(data);
  }
  return { pixels: Buffer.concat(changed), size, channels, frames: strip.frames };
}
