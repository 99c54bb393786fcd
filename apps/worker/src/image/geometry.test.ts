import type { StoredFormat } from '@pixdock/contract/media-type';
import { builtInProfiles, type Variant, variantSchema } from '@pixdock/contract/profile';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetOf } from './geometry.js';
import { type Bench, openBench, profile } from './testing/bench.js';
import { animation, difference, generator, noise, open, pixelsOf, plain, scene } from './testing/pictures.js';

type Sides = Partial<Pick<Variant, 'fit' | 'width' | 'height'>>;
const sizeOf = (width: number, height: number, variant: Sides, format: StoredFormat = 'jpeg') => {
  const { size } = targetOf({ width, height }, variantSchema.parse(variant), format);
  return [size.width, size.height];
};

describe('the size of a variant', () => {
  it.each<[number, number, Sides, number, number]>([
    [4032, 3024, { width: 2560, height: 2560 }, 2560, 1920],
    [100, 80, { width: 2560, height: 2560 }, 100, 80],
    [1000, 500, { width: 100 }, 100, 50],
    [1000, 500, { height: 100 }, 200, 100],
    [1000, 500, {}, 1000, 500],
    [1000, 500, { fit: 'cover', width: 100 }, 100, 50],
    [1000, 500, { fit: 'cover', width: 100, height: 100 }, 100, 100],
    [300, 400, { fit: 'cover', width: 512, height: 512 }, 300, 300],
    [300, 400, { fit: 'cover', width: 1600, height: 900 }, 300, 169],
    [1, 5000, { width: 2560, height: 2560 }, 1, 2560],
    [20_000, 3, { width: 2560, height: 2560 }, 2560, 1],
    [20_000, 3, { fit: 'cover', width: 512, height: 512 }, 3, 3],
    [40_000, 100, {}, 30_000, 75],
  ])('is computed for %i × %i and %o', (width, height, variant, ...wanted) => {
    expect(sizeOf(width, height, variant)).toEqual(wanted);
  });

  it('stays within the limits of WebP', () => {
    expect(sizeOf(20_000, 100, {}, 'webp')).toEqual([16_383, 82]);
    expect(sizeOf(20_000, 100, {}, 'png')).toEqual([20_000, 100]);
  });

  it('stays within the limits of AVIF and of a decoder’s memory', () => {
    expect(sizeOf(8000, 6000, {}, 'avif')).toEqual([6831, 5123]);
    expect(sizeOf(8000, 6000, { fit: 'cover', width: 7000, height: 6000 }, 'avif')).toEqual([6390, 5477]);
    expect(sizeOf(8000, 6000, { width: 4000 }, 'avif')).toEqual([4000, 3000]);
  });

  it('is never larger than the source, empty, or larger than the profile allows', () => {
    const random = generator(7);
    const number = (most: number) => 1 + Math.floor(random() ** 4 * most);
    for (let i = 0; i < 5000; i++) {
      const source = { width: number(40_000), height: number(40_000) };
      const variant = variantSchema.parse({
        fit: random() < 0.5 ? 'inside' : 'cover',
        ...(random() < 0.8 ? { width: number(30_000) } : {}),
        ...(random() < 0.8 ? { height: number(30_000) } : {}),
      });
      const { size, scaled, scale } = targetOf(source, variant, 'webp');
      for (const side of ['width', 'height'] as const) {
        expect(size[side]).toBeGreaterThanOrEqual(1);
        expect(size[side]).toBeLessThanOrEqual(Math.min(source[side], variant[side] ?? 16_383, 16_383));
        expect(scaled[side]).toBeGreaterThanOrEqual(size[side]);
        expect(scaled[side]).toBeLessThanOrEqual(source[side]);
      }
      expect(scale).toBeLessThanOrEqual(1);
    }
  });
});

describe('a rendered image', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it.each([
    [1, 5000],
    [20_000, 3],
    [1, 1],
    [3, 1],
    [101, 67],
    [2561, 1],
    [2561, 2559],
  ])('has the computed size for %i × %i in the default profile', async (width, height) => {
    const wanted = builtInProfiles().get('default');
    if (wanted === undefined) throw new Error('no default profile');
    const { files, variants, receipt } = await bench.rendered(
      await plain(width, height, '#405060').png().toBuffer(),
      { profile: wanted },
    );
    for (const [name, file] of Object.entries(files)) {
      const { width: w, height: h } = await sharp(file).metadata();
      expect(variants[name]).toMatchObject({ width: w, height: h });
      expect(Math.max(w, h)).toBeLessThanOrEqual(
        Math.min(Math.max(width, height), name === 'main' ? 2560 : 320),
      );
    }
    expect(receipt.resized).toBe(Math.max(width, height) > 2560);
  });

  it('is cropped to the middle for an avatar of 300 × 300 from 300 × 400', async () => {
    const avatar = builtInProfiles().get('avatar');
    if (avatar === undefined) throw new Error('no avatar profile');
    const tall = scene(300, 400);
    const { files, variants } = await bench.rendered(await open(tall).png().toBuffer(), { profile: avatar });
    expect(variants.main).toMatchObject({ width: 300, height: 300, format: 'png' });
    const middle = await open(tall).extract({ left: 0, top: 50, width: 300, height: 300 }).png().toBuffer();
    expect(difference(await pixelsOf(files.main ?? middle), await pixelsOf(middle))).toBeLessThan(1);
  });

  describe('cropped by `position`', () => {
    const GREY = '#808080';
    /** Grey, with a colourful patch at this distance from the left. */
    const withPatch = async (left: number) => {
      const patch = await open(noise(60, 60)).png().toBuffer();
      const image = plain(400, 100, GREY).composite([{ input: patch, left, top: 20 }]);
      return {
        data: await image.removeAlpha().raw().toBuffer(),
        width: 400,
        height: 100,
        channels: 3 as const,
      };
    };
    const square = { fit: 'cover', width: 50, height: 50, format: 'webp', quality: 100 } as const;
    const wanted = profile({
      variants: {
        main: square,
        attention: { ...square, position: 'attention' },
        entropy: { ...square, position: 'entropy' },
      },
    });
    /** The mean difference from grey, of all frames. */
    const detailOf = async (file: Buffer | undefined) => {
      const shown = await pixelsOf(file ?? Buffer.of(), -1);
      return difference(shown, await pixelsOf(await plain(50, shown.height, GREY).png().toBuffer()));
    };

    it('keeps the part that stands out, and by default the centre', async () => {
      const source = await open(await withPatch(330))
        .png()
        .toBuffer();
      const { files, variants } = await bench.rendered(source, { profile: wanted });
      for (const variant of Object.values(variants)) expect(variant).toMatchObject({ width: 50, height: 50 });
      expect(await detailOf(files.main)).toBeLessThan(2);
      for (const name of ['attention', 'entropy'])
        expect(await detailOf(files[name]), name).toBeGreaterThan(5);
    });

    it('keeps this part in a wide gamut and with transparency', async () => {
      const preserved = { ...wanted, colorSpace: 'preserve' } as const;
      const source = open(await withPatch(330))
        .withIccProfile('p3')
        .ensureAlpha(0.8);
      const { files, receipt } = await bench.rendered(await source.png().toBuffer(), { profile: preserved });
      expect(receipt.colorProfile).toContain('P3');
      expect(await detailOf(files.main)).toBeLessThan(2);
      for (const name of ['attention', 'entropy'])
        expect(await detailOf(files[name]), name).toBeGreaterThan(5);
    });

    it('crops all frames of an animation like the first', async () => {
      const moving = await animation(await Promise.all([330, 10, 330].map(withPatch)));
      const { files } = await bench.rendered(await moving.webp({ lossless: true }).toBuffer(), {
        profile: wanted,
      });
      for (const name of ['attention', 'entropy']) {
        const frames = [0, 1, 2].map(async (page) =>
          detailOf(await sharp(files[name], { page }).png().toBuffer()),
        );
        const [first = 0, second = 0, third = 0] = await Promise.all(frames);
        expect(first, name).toBeGreaterThan(5);
        expect(second, name).toBeLessThan(2);
        expect(third, name).toBeGreaterThan(5);
      }
    });
  });

  it('has variants that are never scaled from a smaller variant', async () => {
    const source = scene(400, 300);
    const wanted = profile({
      variants: {
        main: { width: 40, format: 'png' },
        wide: { fit: 'cover', width: 300, height: 60, format: 'png' },
        full: { format: 'png' },
      },
    });
    const { files } = await bench.rendered(await open(source).png().toBuffer(), { profile: wanted });
    expect(difference(await pixelsOf(files.full ?? Buffer.of()), source)).toBe(0);
    const wide = await open(source).resize(300, 60).png().toBuffer();
    expect(difference(await pixelsOf(files.wide ?? Buffer.of()), await pixelsOf(wide))).toBeLessThan(2);
    expect(await sharp(files.main).metadata()).toMatchObject({ width: 40, height: 30 });
  });

  it('differs from others of its size in quality, background and format', async () => {
    const wanted = profile({
      variants: {
        main: { format: 'jpeg', quality: 60 },
        again: { format: 'jpeg', quality: 60, width: 4000 },
        finer: { format: 'jpeg', quality: 90 },
        dark: { format: 'jpeg', quality: 60, background: '#000000' },
        lossy: { format: 'webp', quality: 60 },
      },
    });
    const source = await open(scene(64, 48)).ensureAlpha(0.5).png().toBuffer();
    const { main, again, ...others } = (await bench.rendered(source, { profile: wanted })).files;
    expect(again).toEqual(main);
    for (const other of Object.values(others)) expect(other).not.toEqual(main);
  });

  it('is scaled to the limits of WebP when an oversized PNG becomes WebP', async () => {
    const source = await open(noise(17_000, 8)).png().toBuffer();
    const wanted = profile({ variants: { main: { maxBytes: 300_000 } } });
    const { variants, files } = await bench.rendered(source, { profile: wanted });
    expect(variants.main).toMatchObject({ format: 'webp', width: 16_383, height: 8 });
    expect(await sharp(files.main).metadata()).toMatchObject({ format: 'webp', width: 16_383 });
  });
});
