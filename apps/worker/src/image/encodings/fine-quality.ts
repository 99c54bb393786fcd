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

/** Unscaled sources of a lower quality keep an SSIM of 0.98 at 2 less (measured on 60 JPEGs). */
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
const TILES_ACROSS = 8;
const SIDE = TILE * TILES_ACROSS;

/** Tiles from a regular grid over the image, side by side. */
function sampleOf({ pixels, size, channels }: Strip): Strip {
  const sample = Buffer.alloc(SIDE * SIDE * channels);
  const [stepX, stepY] = [size.width - TILE, size.height - TILE].map((room) => room / (TILES_ACROSS - 1));
  for (let y = 0; y < SIDE; y++)
    for (let tile = 0; tile < TILES_ACROSS; tile++) {
      const row = Math.floor(Math.floor(y / TILE) * (stepY ?? 0)) + (y % TILE);
      const from = (row * size.width + Math.floor(tile * (stepX ?? 0))) * channels;
      pixels.copy(sample, (y * SIDE + tile * TILE) * channels, from, from + TILE * channels);
    }
  return { pixels: sample, size: { width: SIDE, height: SIDE }, channels, frames: 1 };
}

async function encodedLuma(sample: Strip, quality: number): Promise<Luma> {
  const encoded = await openStrip(sample).jpeg({ quality, optimiseCoding: false }).toBuffer();
  const pixels = await sharp(encoded).raw().toBuffer();
  return lumaOf({ ...sample, pixels });
}
