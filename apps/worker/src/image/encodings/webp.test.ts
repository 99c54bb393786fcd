import { variantSchema } from '@pixdock/contract/profile';
import sharp, { type Sharp } from 'sharp';
import { expect, it, onTestFinished, vi } from 'vitest';
import { FileBytes } from '../container/bytes.js';
import { generator, noise, open } from '../testing/pictures.js';
import type { Encoding, Task } from './encoding.js';
import { encodeWebp } from './webp.js';

/** A lossless WebP in Display P3, which has no strip of raw pixels. Its picture has another size than it states. */
const wideTask = (side: number, picture: () => Sharp): Task => ({
  picture: { strip: async () => null, open: async () => picture() },
  variant: variantSchema.parse({}),
  timing: {},
  xmp: null,
  source: {
    format: 'webp',
    bytes: 100_000,
    isLossless: true,
    quality: null,
    lowQuality: null,
    isProgressive: false,
    isOptimized: false,
    hasFullChroma: true,
    isGrey: false,
    file: new FileBytes(0),
  },
  size: { width: side, height: side },
  enough: Number.POSITIVE_INFINITY,
  isUnscaled: true,
});

async function encodingsOf(task: Task): Promise<Encoding[]> {
  const all: Encoding[] = [];
  for await (const encoding of encodeWebp(task)) all.push(encoding);
  return all;
}

const dense = () => open(noise(128, 128));

it.each([
  ['WebP', 'webp', 4000, 'webp lossless effort 4'],
  ['GIF', 'gif', 4000, 'webp lossless effort 2'],
  ['WebP of more than 16 MP', 'webp', 4001, 'webp lossless effort 2'],
] as const)('encodes a lossless %s once', async (_, format, side, encoder) => {
  const task = wideTask(side, dense);
  const encodings = await encodingsOf({ ...task, source: { ...task.source, format } });
  expect(encodings.map((encoding) => encoding.encoder)).toEqual([encoder]);
});

it.each([
  [128, 2],
  [130, 1],
])('encodes a preview of %i² pixels and many colors, half of them flat, %i times', async (side, count) => {
  const random = generator(6);
  const pixels = Buffer.alloc(side * side * 3);
  for (let at = 0; at < pixels.length; at += 6) {
    const colour = Math.floor(random() * 2 ** 24);
    for (const pixel of [at, at + 3]) pixels.writeUIntLE(colour, pixel, 3);
  }
  const strip = { pixels, size: { width: side, height: side }, channels: 3, frames: 1 } as const;
  const task = wideTask(side, dense);
  const webp = vi.spyOn(sharp.prototype, 'webp');
  onTestFinished(() => webp.mockRestore());
  const source = { ...task.source, format: 'png' } as const;
  const picture = { ...task.picture, strip: async () => strip };
  await encodingsOf({ ...task, source, picture, isUnscaled: false });
  expect(webp).toHaveBeenCalledTimes(count);
});

it('repeats the colors of invisible pixels', async () => {
  const random = generator(5);
  const pixels = Buffer.from(
    Array.from({ length: 64 * 64 * 4 }, (_, i) => (i % 4 < 3 ? random() * 256 : i < 64 * 128 ? 0 : 255)),
  );
  const raw = { width: 64, height: 64, channels: 4 } as const;
  const encodings = await encodingsOf(wideTask(64, () => sharp(pixels, { raw })));
  expect(encodings.length).toBeGreaterThan(0);
  for (const { data } of encodings) expect((await sharp(data).raw().toBuffer()).equals(pixels)).toBe(true);
});
