import type { Sharp } from 'sharp';
import type { Strip } from './frames.js';

export async function toStrip(pipeline: Sharp, frames: number): Promise<Strip> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  if (height % frames !== 0) throw new Error('fewer frames than the header declares');
  const size = { width, height: height / frames };
  if (info.channels <= MAX_CHANNELS) return { pixels: data, size, channels: info.channels, frames };
  return { pixels: withoutFurtherChannels(data, info.channels), size, channels: MAX_CHANNELS, frames };
}

const MAX_CHANNELS = 4;

/** A TIFF may have more channels than colour and alpha, for example masks. */
function withoutFurtherChannels(pixels: Buffer, channels: number): Buffer {
  const kept = Buffer.alloc((pixels.length / channels) * MAX_CHANNELS);
  for (let from = 0, to = 0; to < kept.length; from += channels, to += MAX_CHANNELS)
    pixels.copy(kept, to, from, from + MAX_CHANNELS);
  return kept;
}
