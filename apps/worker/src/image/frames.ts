import sharp, { type Sharp } from 'sharp';
import type { Size } from './geometry.js';

/** Decoded frames, stacked vertically. */
export interface Strip {
  pixels: Buffer;
  /** Size of one frame. */
  size: Size;
  channels: 1 | 2 | 3 | 4;
  frames: number;
}

/** A pipeline over all frames. */
export function openStrip({ pixels, size, channels, frames }: Strip): Sharp {
  const { width, height } = size;
  const raw = { width, height: height * frames, channels, ...(frames > 1 ? { pageHeight: height } : {}) };
  return sharp(pixels, { raw, limitInputPixels: false });
}

export function frameOf(strip: Strip, frame: number): Strip {
  const bytes = strip.size.width * strip.size.height * strip.channels;
  return { ...strip, frames: 1, pixels: strip.pixels.subarray(frame * bytes, (frame + 1) * bytes) };
}

/** Transforms each frame separately: a resize or rotation of the whole strip would mix neighbouring frames. */
export async function eachFrame(strip: Strip, transform: (frame: Sharp) => Sharp): Promise<Strip> {
  const transformed: Buffer[] = [];
  let { size, channels } = strip;
  for (let frame = 0; frame < strip.frames; frame++) {
    const pipeline = transform(openStrip(frameOf(strip, frame)));
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    size = { width: info.width, height: info.height };
    channels = info.channels;
    transformed.push(data);
  }
  return { pixels: Buffer.concat(transformed), size, channels, frames: strip.frames };
}
