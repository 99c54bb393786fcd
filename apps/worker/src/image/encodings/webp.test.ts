import { variantSchema } from '@pixdock/contract/profile';
import { expect, it } from 'vitest';
import { open, scene } from '../testing/pictures.js';
import type { Task } from './encoding.js';
import { encodeWebp } from './webp.js';

/** A lossless WebP in Display P3, which has no strip of raw pixels. Its picture is small whatever its size. */
const wideTask = (side: number): Task => ({
  picture: { strip: async () => null, open: async () => open(scene(8, 8)) },
  variant: variantSchema.parse({}),
  timing: {},
  xmp: null,
  source: {
    format: 'webp',
    bytes: 1,
    isLossless: true,
    quality: null,
    isProgressive: false,
    isOptimized: false,
    hasFullChroma: true,
    isGrey: false,
    hasPalette: false,
    rows: () => null,
  },
  size: { width: side, height: side },
  enough: Number.POSITIVE_INFINITY,
  isUnscaled: true,
});

it.each([
  [500, 3],
  [501, 2],
  [4001, 2],
])(
  'searches a wide gamut of %i² pixels no longer than another image: %i encodings',
  async (side, encodings) => {
    let made = 0;
    for await (const _ of encodeWebp(wideTask(side))) made++;
    expect(made).toBe(encodings);
  },
);
