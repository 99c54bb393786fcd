import sharp from 'sharp';
import { openStrip, type Strip } from '../frames.js';
import type { Task } from './encoding.js';
import { GOOD_QUALITY, matchingQuality, QUALITY } from './quality.js';
import { type Luma, lumaOf, similarity } from './similarity.js';

/** The qualities above the default one. */
const [FINER, FINEST] = [87, 92];
/** The sample rates up to 0.006 above the whole image, which should reach 0.98. */
const SIMILAR = 0.986;
/** The quantizers of 87 are 0.72 of those of 82, which about halves the distance from 1: a sample below this needs no second trial. */
const FAR = 0.96;
/** On smaller scaled images, the trials take more than 3 % of the time. */
const LARGE_PIXELS = 1_000_000;

/** Below this quality, unscaled sources keep an SSIM of 0.98 at 2 less (measured on 60 JPEGs). */
const NOISY_QUALITY = 93;

/** The lowest quality that keeps the detail of a good JPEG. A sample decides, because noise and fine texture need more. */
export async function fineQuality(task: Task): Promise<number> {
  const { source, isUnscaled } = task;
  const limit = source.format === 'jpeg' ? source.quality : null;
  const first = isUnscaled ? matchingQuality('jpeg', undefined, limit) : QUALITY.jpeg;
  if (limit === null || limit <= GOOD_QUALITY || (isUnscaled && limit < NOISY_QUALITY)) return first;
  const similar = await openTrials(task);
  const found = (await similar?.(first)) ?? 1;
  if (found >= SIMILAR) return first;
  // One less than the source is enough, and needs no optimization to be smaller.
  if (isUnscaled) return Math.max(first, limit - 1);
  return found >= FAR && ((await similar?.(FINER)) ?? 1) >= SIMILAR ? FINER : FINEST;
}

/** Returns how similar a sample is at a quality; null where trials do not pay. */
async function openTrials({
  picture,
  size: { width, height },
  isUnscaled,
}: Task): Promise<((quality: number) => Promise<number>) | null> {
  const isSmall = isUnscaled ? Math.min(width, height) < TILE : width * height < LARGE_PIXELS;
  const strip = isSmall ? null : await picture.strip();
  if (strip?.channels !== 3) return null;
  const sample = sampleOf(strip);
  const luma = lumaOf(sample);
  return async (quality) => similarity(luma, await encodedLuma(sample, quality), TILE);
}

/** Two MCUs of 4:2:0, so that tiles do not mix. */
const TILE = 32;
/** Tiles in a row, and rows of tiles. */
const MOST_TILES = 8;

/** Tiles from a regular grid over the image, side by side. */
function sampleOf({ pixels, size, channels }: Strip): Strip {
  const x = gridOf(size.width);
  const y = gridOf(size.height);
  const sample = { width: x.length * TILE, height: y.length * TILE };
  const sampled = Buffer.alloc(sample.width * sample.height * channels);
  for (const [down, top] of y.entries())
    for (const [across, left] of x.entries())
      for (let row = 0; row < TILE; row++) {
        const from = ((top + row) * size.width + left) * channels;
        const to = ((down * TILE + row) * sample.width + across * TILE) * channels;
        pixels.copy(sampled, to, from, from + TILE * channels);
      }
  return { pixels: sampled, size: sample, channels, frames: 1 };
}

/** Where the tiles begin along a side. */
function gridOf(side: number): number[] {
  const count = Math.min(MOST_TILES, Math.floor(side / TILE));
  const step = (side - TILE) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => Math.floor(i * step));
}

async function encodedLuma(sample: Strip, quality: number): Promise<Luma> {
  const encoded = await openStrip(sample).jpeg({ quality, optimiseCoding: false }).toBuffer();
  const pixels = await sharp(encoded).raw().toBuffer();
  return lumaOf({ ...sample, pixels });
}
