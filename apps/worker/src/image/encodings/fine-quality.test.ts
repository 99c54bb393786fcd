import { variantSchema } from '@pixdock/contract/profile';
import { expect, it } from 'vitest';
import { FileBytes } from '../container/bytes.js';
import type { Strip } from '../frames.js';
import { generator } from '../testing/pictures.js';
import type { Task } from './encoding.js';
import { fineQuality } from './fine-quality.js';

/** Smooth colours with noise of this strength. */
function noisy(amount: number, width = 1000, height = 1000): Strip {
  const random = generator(5);
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = 120 + 60 * Math.sin(x / 90) + 40 * Math.cos(y / 70) + amount * (random() - 0.5);
      for (let c = 0; c < 3; c++) pixels[i++] = value;
    }
  return { pixels, size: { width, height }, channels: 3, frames: 1 };
}

const taskOf = (strip: Strip, more: Partial<Task> = {}, quality = 90): Task => ({
  picture: { strip: async () => strip, open: () => Promise.reject(new Error('unused')) },
  variant: variantSchema.parse({}),
  timing: {},
  xmp: null,
  source: {
    format: 'jpeg',
    bytes: 1,
    isLossless: false,
    quality,
    lowQuality: null,
    isProgressive: false,
    isOptimized: false,
    hasFullChroma: false,
    isGrey: false,
    file: new FileBytes(0),
  },
  size: strip.size,
  enough: Number.POSITIVE_INFINITY,
  isUnscaled: false,
  ...more,
});

it('raises the quality of a scaled JPEG as far as its noise needs', async () => {
  const qualities = await Promise.all([0, 12, 24].map((amount) => fineQuality(taskOf(noisy(amount)))));
  expect(qualities[0]).toBe(82);
  expect(qualities.toSorted((a, b) => a - b)).toEqual(qualities);
  expect(qualities[2]).toBeGreaterThan(82);
});

it('takes nearly the quality of an unscaled source where its noise needs it', async () => {
  const quality = (amount: number, source: number, strip = noisy(amount)) =>
    fineQuality(taskOf(strip, { isUnscaled: true }, source));
  const all = [quality(0, 96), quality(24, 96), quality(24, 92), quality(24, 80)];
  expect(await Promise.all(all)).toEqual([94, 95, 90, 80]);
  expect(await quality(24, 96, noisy(24, 32, 32))).toBe(95);
  expect(await quality(24, 96, noisy(24, 31, 32))).toBe(94);
});

it('keeps the default quality for small and damaged images and other formats', async () => {
  const strip = noisy(24);
  const { source } = taskOf(strip);
  for (const task of [
    taskOf(noisy(24, 999, 1000)),
    taskOf(strip, {}, 75),
    taskOf(strip, { source: { ...source, format: 'webp' } }),
  ])
    expect(await fineQuality(task)).toBe(82);
});
