import { sayDetail } from '@pixdock/contract/messages/detail';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './default-limits.js';
import { type Bench, openBench, profile } from './testing/bench.js';
import { makeGif } from './testing/gif.js';
import { animation, coloured, open, type Pixels, pixel, pixelsOf, scene } from './testing/pictures.js';

const RED = [230, 20, 20];
const GREEN = [20, 200, 20];
const BLUE = [20, 20, 230];
const frames = coloured(61, 37, [RED, GREEN, BLUE, RED]);
const timing = { delay: [40, 120, 2000, 80], loop: 3 };

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const described = (file: Buffer | undefined) => sharp(file, { pages: -1 }).metadata();
const isNear = (a: number[], b: number[]) => b.every((value, i) => Math.abs((a[i] ?? -99) - value) < 25);

/** Expects the colour of each frame at its edges and in its middle, so that neighbours do not leak into it. */
async function expectFrames(file: Buffer | undefined, colours: number[][]): Promise<void> {
  const strip = await pixelsOf(file ?? Buffer.of(), -1);
  const height = strip.height / colours.length;
  for (const [i, colour] of colours.entries())
    for (const y of [0, Math.floor(height / 2), height - 1])
      expect(
        isNear(pixel(strip, Math.floor(strip.width / 2), i * height + y), colour),
        `frame ${i}, line ${y}`,
      ).toBe(true);
}

it.each(['gif', 'webp'] as const)('keeps frames, delays and loop of a %s', async (format) => {
  const source = await (await animation(frames))[format](timing).toBuffer();
  const wanted = profile({
    variants: {
      main: { quality: 100 },
      small: { width: 20, quality: 100 },
      square: { fit: 'cover', width: 16, height: 16, quality: 100 },
      gif: { format: 'gif', width: 33 },
      thumb: { width: 20, format: 'webp', animated: 'first' },
      still: { format: 'jpeg' },
    },
  });
  const { files, variants, source: told, receipt } = await bench.rendered(source, { profile: wanted });
  expect(told).toMatchObject({ format, frames: 4, width: 61, height: 37 });
  const sizes = { main: [61, 37], small: [20, 12], square: [16, 16], gif: [33, 20] };
  for (const [name, [width, height]] of Object.entries(sizes)) {
    expect(variants[name]).toMatchObject({ width, height });
    expect(await described(files[name])).toMatchObject({ pages: 4, width, pageHeight: height, ...timing });
    await expectFrames(files[name], [RED, GREEN, BLUE, RED]);
  }
  for (const name of ['thumb', 'still']) {
    expect((await described(files[name])).pages ?? 1).toBe(1);
    await expectFrames(files[name], [RED]);
  }
  expect(variants).toMatchObject({
    main: { format: 'webp' },
    gif: { format: 'gif' },
    still: { format: 'jpeg', width: 61 },
  });
  expect(receipt).toMatchObject({ resized: false, detectedType: `image/${format}` });
});

it('keeps transparency in a GIF whose frames draw over each other', async () => {
  const dot = (x: number): Pixels => {
    const data = Buffer.alloc(20 * 20 * 4);
    for (let y = 4; y < 8; y++) for (let dx = 0; dx < 4; dx++) data.set([...RED, 255], (y * 20 + x + dx) * 4);
    return { data, width: 20, height: 20, channels: 4 };
  };
  const source = await (await animation([dot(0), dot(8), dot(16)])).gif().toBuffer();
  const { files } = await bench.rendered(source, {
    profile: profile({ variants: { main: { quality: 100 } } }),
  });
  const seen = await sharp(source, { pages: -1 }).ensureAlpha().raw().toBuffer();
  const shown = await sharp(files.main, { pages: -1 }).ensureAlpha().raw().toBuffer();
  expect(shown.length).toBe(seen.length);
  for (let i = 3; i < seen.length; i += 4) expect(Math.abs((shown[i] ?? 0) - (seen[i] ?? 0))).toBeLessThan(8);
});

it('scales an animation whose frames do not fit into memory together', async () => {
  // 6 frames of 3.9 MP are decoded in two runs. Each adds a strip to the previous ones.
  const [side, strip] = [1980, 330];
  const strips = Array.from({ length: 6 }, (_, i) => ({ width: strip, height: side, left: strip * i }));
  const { files, source } = await bench.rendered(makeGif({ width: side, height: side }, strips), {
    profile: profile({ variants: { main: { format: 'gif', width: 60, effort: 0 } } }),
  });
  expect(source.frames).toBe(6);
  const shown = await pixelsOf(files.main ?? Buffer.of(), -1);
  expect(shown).toMatchObject({ width: 60, height: 360 });
  for (let frame = 0; frame < 6; frame++)
    for (let i = 0; i < 6; i++)
      expect(pixel(shown, 10 * i + 5, 60 * frame + 30)[3], `strip ${i} of frame ${frame}`).toBe(
        i <= frame ? 255 : 0,
      );
});

it('treats a GIF with one frame as a still image', async () => {
  const { files, source } = await bench.rendered(await open(scene(30, 20)).gif().toBuffer());
  expect(source).toMatchObject({ frames: 1, format: 'gif' });
  expect(await described(files.main)).toMatchObject({ format: 'webp', width: 30, height: 20 });
});

it('shortens delays that exceed the encoder’s limit, and says so', async () => {
  const source = await (await animation(frames.slice(0, 2)))
    .webp({ delay: [100, 65_535], lossless: true })
    .toBuffer();
  // ANMF (RFC 9649 2.7.1.1): the duration is the fifth 24-bit field.
  const long = Buffer.from(source);
  long.writeUIntLE(100_000, long.lastIndexOf('ANMF') + 8 + 12, 3);
  const { files, receipt } = await bench.rendered(long);
  expect((await described(files.main)).delay).toEqual([100, 65_535]);
  expect(receipt.delaysShortened).toBe(true);
  expect((await bench.rendered(source)).receipt).not.toHaveProperty('delaysShortened');
  const still = profile({ variants: { main: { format: 'png' } } });
  expect((await bench.rendered(long, { profile: still })).receipt).not.toHaveProperty('delaysShortened');
});

it('refuses an animation if the profile says so, and accepts its first frame', async () => {
  const wanted = profile({ variants: { main: { animated: 'reject' } } });
  const moving = await (await animation(frames)).gif().toBuffer();
  expect(await bench.refusal(moving, { profile: wanted })).toBe('too_many_frames');
  expect(await bench.refusal(await open(scene(20, 20)).gif().toBuffer(), { profile: wanted })).toBe(
    'rendered',
  );
});

it('limits the number of frames and the pixels of all frames', async () => {
  const many = await (
    await animation(
      coloured(
        10,
        10,
        Array.from({ length: 30 }, (_, i) => [i * 8, 0, 0]),
      ),
    )
  )
    .gif()
    .toBuffer();
  const few = await (await animation(frames)).webp().toBuffer();
  const all = 61 * 37 * 4;
  const strict = await openBench({
    limits: { ...DEFAULT_LIMITS, maxFrames: 29, maxAnimationPixels: all - 1 },
  });
  const exact = await openBench({
    limits: { ...DEFAULT_LIMITS, maxFrames: 30, maxPixels: 61 * 37, maxAnimationPixels: all },
  });
  const small = await openBench({ limits: { ...DEFAULT_LIMITS, maxPixels: 61 * 37 - 1 } });
  try {
    expect(await strict.refusal(many)).toBe('too_many_frames');
    const refused = await strict.render(few);
    expect(refused).toMatchObject({ code: 'image_too_large' });
    expect(refused.outcome === 'refused' && sayDetail('en', refused.detail)).toBe(
      'The animation has 4 frames of 61 × 37 pixels; the limit is 9,027 pixels in all frames. 3 frames of this size or 4 frames of 60 × 36 would fit.',
    );
    expect(await small.refusal(few)).toBe('image_too_large');
    expect(await exact.refusal(many)).toBe('rendered');
    expect(await exact.refusal(few)).toBe('rendered');
    expect(
      await strict.refusal(few, { profile: profile({ variants: { main: { animated: 'first' } } }) }),
    ).toBe('image_too_large');
  } finally {
    await Promise.all([strict.close(), exact.close(), small.close()]);
  }
});
