import sharp from 'sharp';
import { openStrip, type Strip } from '../frames.js';
import type { Task } from './encoding.js';
import { GOOD_QUALITY, QUALITY } from './quality.js';
import { type Luma, lumaOf, similarity } from './similarity.js';

/** The qualities above the default one. */
const [FINER, FINEST] = [87, 92];
/** The sample rates up to 0.006 above the whole image, which should reach 0.98. */
const SIMILAR = 0.986;
/** The quantizers of 87 are 0.72 of those of 82, which about halves the distance from 1: a sample below this needs no second trial. */
const FAR = 0.96;
/** On smaller images, the trials take more than 3 % of the time. */
const LARGE_PIXELS = 1_000_000;

/** The lowest quality that keeps the detail of a scaled JPEG. A sample decides, because noise and fine texture need more. */
export async function fineQuality({ picture, source, isUnscaled }: Task): Promise<number> {
  const isGood = source.format === 'jpeg' && (source.quality ?? 0) > GOOD_QUALITY;
  const strip = isGood && !isUnscaled ? await picture.strip() : null;
  if (strip === null || strip.channels !== 3 || strip.size.width * strip.size.height < LARGE_PIXELS)
    return QUALITY.jpeg;
  const sample = sampleOf(strip);
  const luma = lumaOf(sample);
  const similar = async (quality: number) => similarity(luma, await encodedLuma(sample, quality), TILE);
  const first = await similar(QUALITY.jpeg);
  if (first >= SIMILAR) return QUALITY.jpeg;
  return first >= FAR && (await similar(FINER)) >= SIMILAR ? FINER : FINEST;
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
