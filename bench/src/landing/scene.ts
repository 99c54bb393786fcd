import sharp, { type Sharp } from 'sharp';

/** Grey values whose mean is 0, of a square that is repeated over the picture. */
interface Tile {
  side: number;
  values: Float32Array;
}

export interface Tiles {
  /** What a sensor adds to each pixel. */
  noise: Tile;
  /** Texture, like leaves and fabric. */
  texture: Tile;
}

const NOISE_SIDE = 509;
const TEXTURE_SIDE = 1021;
/** Standard deviations in grey values: of a phone's sensor in daylight after its own denoising, and of texture. */
const NOISE = 3;
const TEXTURE = 16;
/** Pixels from one grain of texture to the next. */
const GRAIN = 4;

/** The same tiles in each run. */
export async function makeTiles(): Promise<Tiles> {
  const random = generator(1);
  const coarse = gaussian(random, Math.ceil(TEXTURE_SIDE / GRAIN), TEXTURE);
  const pixels = Buffer.from(coarse.values.map((value) => 128 + value));
  const raw = { width: coarse.side, height: coarse.side, channels: 1 } as const;
  const size = { width: TEXTURE_SIDE, height: TEXTURE_SIDE, fit: 'fill', kernel: 'cubic' } as const;
  const smooth = await sharp(pixels, { raw }).resize(size).toColourspace('b-w').raw().toBuffer();
  return {
    noise: gaussian(random, NOISE_SIDE, NOISE),
    texture: { side: TEXTURE_SIDE, values: Float32Array.from(smooth, (value) => value - 128) },
  };
}

/** Large shapes with texture and noise. Decoders and encoders take as long for them as for a photograph. */
export async function cameraScene({ noise, texture }: Tiles, width: number, height: number): Promise<Sharp> {
  const random = generator(2);
  const colours = Buffer.from(Array.from({ length: 12 * 9 * 3 }, () => 40 + 170 * random()));
  const pixels = await sharp(colours, { raw: { width: 12, height: 9, channels: 3 } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const light = valueAt(texture, x, y);
      for (let channel = 0; channel < 3; channel++, at++) {
        const value = (pixels[at] ?? 0) + light + valueAt(noise, x + 7 * channel, y);
        pixels[at] = Math.min(255, Math.max(0, value));
      }
    }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

function valueAt({ side, values }: Tile, x: number, y: number): number {
  return values[(y % side) * side + (x % side)] ?? 0;
}

function gaussian(random: () => number, side: number, deviation: number): Tile {
  return { side, values: Float32Array.from({ length: side * side }, () => deviation * normal(random)) };
}

/** A normal distribution: the sum of twelve uniform ones has the variance 1. */
function normal(random: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

/** Mulberry32, a seeded random number generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
