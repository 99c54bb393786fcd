import sharp from 'sharp';
import { thumbHashToRGBA } from 'thumbhash';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Matrix, makeRgbProfile } from './colour/rgb-profile.js';
import { type Bench, openBench, profile } from './testing/bench.js';
import {
  ADOBE,
  DISPLAY_P3,
  makeProfile,
  SRGB as SRGB_MATRIX,
  srgbToLinear,
  toSrgb,
} from './testing/colour-profile.js';
import {
  animation,
  coloured,
  difference,
  jpegWithIcc,
  open,
  pixel,
  pixelsOf,
  plain,
  scene,
} from './testing/pictures.js';
import { pngWithIcc, withChunk } from './testing/png.js';

const png = profile({ variants: { main: { format: 'png' } } });
const preserve = (format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif') =>
  profile({
    variants: { main: { format, quality: 100 }, half: { format, quality: 100, width: 16 } },
    colorSpace: 'preserve',
  });
const COLOUR = [200, 100, 50];
const hex = `#${Buffer.from(COLOUR).toString('hex')}`;

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const near = (found: number[], wanted: readonly number[], by = 3) => {
  for (const [i, value] of wanted.entries())
    expect(
      Math.abs((found[i] ?? -99) - value),
      `${found.join()} is not ${wanted.join()}`,
    ).toBeLessThanOrEqual(by);
};
const middle = async (file: Buffer | undefined) => pixel(await pixelsOf(file ?? Buffer.of()), 8, 8);

async function tagged(kind: 'jpeg' | 'png' | 'png16', icc: Buffer, colour = hex): Promise<Buffer> {
  const image = plain(32, 32, colour);
  if (kind === 'png16') return pngWithIcc(await image.toColourspace('rgb16').png().toBuffer(), icc);
  return kind === 'png'
    ? pngWithIcc(await image.png().toBuffer(), icc)
    : jpegWithIcc(await image.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), icc);
}

describe('conversion to sRGB', () => {
  it('does not round the pixels of a source whose profile is sRGB', async () => {
    const icc = makeRgbProfile({ name: 'made sRGB', matrix: SRGB_MATRIX, toLinear: srgbToLinear });
    const colours = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 256));
    const varied = open({ data: colours, width: 64, height: 64, channels: 3 });
    const pixels = async (file: Buffer | undefined) =>
      sharp(file, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
    const sources = [
      pngWithIcc(await varied.png().toBuffer(), icc),
      jpegWithIcc(await varied.jpeg({ quality: 95 }).toBuffer(), icc),
    ];
    for (const source of sources) {
      const { files, receipt } = await bench.rendered(source, { profile: png });
      expect((await pixels(files.main)).equals(await pixels(source))).toBe(true);
      expect(receipt.colorProfile).toBe('sRGB');
    }
  });

  it.each<[string, Matrix]>([
    ['Adobe RGB like', ADOBE],
    ['Display P3 like', DISPLAY_P3],
  ])('converts %s', async (name, matrix) => {
    for (const kind of ['jpeg', 'png', 'png16'] as const) {
      const { files, receipt } = await bench.rendered(await tagged(kind, makeProfile(name, matrix)), {
        profile: png,
      });
      near(await middle(files.main), toSrgb(COLOUR, matrix));
      expect(receipt.colorProfile).toBe(`${name} → sRGB`);
      expect((await sharp(files.main).metadata()).icc).toBeUndefined();
    }
  });

  it('converts CMYK without a profile as Chromium does', async () => {
    const file = await plain(32, 32, '#28b4c8').toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    for (const source of [file, jpegWithIcc(file, Buffer.alloc(200, 0xff))]) {
      const { files, receipt } = await bench.rendered(source, {
        profile: profile({ variants: { main: { quality: 100 }, small: { width: 8, format: 'png' } } }),
      });
      near(await middle(files.main), [88, 252, 205]);
      near(pixel(await pixelsOf(files.small ?? file), 4, 4), [88, 252, 205]);
      expect(receipt.colorProfile).toBe('CMYK → sRGB');
    }
  });

  it('publishes CMYK as RGB', async () => {
    const file = await plain(32, 32, '#28b4c8').withIccProfile('cmyk').jpeg({ quality: 95 }).toBuffer();
    const { files, receipt } = await bench.rendered(file, {
      profile: profile({ variants: { main: {} }, colorSpace: 'preserve' }),
    });
    expect(await sharp(files.main).metadata()).toMatchObject({ format: 'jpeg', space: 'srgb', channels: 3 });
    near(await middle(files.main), [40, 180, 200], 30);
    expect(receipt.colorProfile).toBe('CMYK → sRGB');
  });

  it('converts grey, grey with alpha, a palette with transparency, and 16 bits', async () => {
    const grey = await plain(32, 32, '#646464').toColourspace('b-w').png().toBuffer();
    const clear = plain(32, 32, hex).ensureAlpha(0.5);
    const cases: [Buffer, number[], string][] = [
      [grey, [100, 100, 100], 'grey → sRGB'],
      [await plain(32, 32, '#646464').toColourspace('b-w').jpeg().toBuffer(), [100, 100, 100], 'grey → sRGB'],
      [
        await plain(32, 32, '#646464').toColourspace('grey16').png().toBuffer(),
        [100, 100, 100],
        'grey → sRGB',
      ],
      [
        await plain(32, 32, '#646464').ensureAlpha(0.5).toColourspace('b-w').png().toBuffer(),
        [100, 100, 100, 128],
        'grey → sRGB',
      ],
      [await clear.clone().png({ palette: true }).toBuffer(), [...COLOUR, 128], 'sRGB (assumed)'],
      [await plain(32, 32, hex).toColourspace('rgb16').png().toBuffer(), COLOUR, 'sRGB (assumed)'],
      [await clear.clone().toColourspace('rgb16').png().toBuffer(), [...COLOUR, 128], 'sRGB (assumed)'],
      [
        withChunk(await plain(32, 32, hex).png().toBuffer(), 'gAMA', Buffer.from([0, 0, 0xb1, 0x8f])),
        COLOUR,
        'sRGB (assumed)',
      ],
    ];
    for (const [file, colour, reported] of cases) {
      const { files, receipt } = await bench.rendered(file, { profile: png });
      near(await middle(files.main), colour);
      expect(receipt.colorProfile).toBe(reported);
      expect((await sharp(files.main).metadata()).depth).toBe('uchar');
    }
  });

  it('puts transparent pixels on the background if the format has no alpha', async () => {
    const file = await plain(32, 32, '#000000').ensureAlpha(0).png().toBuffer();
    const { files } = await bench.rendered(file, {
      profile: profile({ variants: { main: { format: 'jpeg', background: '#ff8000' } } }),
    });
    near(await middle(files.main), [255, 128, 0]);
  });
});

describe('colorSpace: preserve', () => {
  it.each(['jpeg', 'png', 'webp', 'avif'] as const)(
    'keeps a wide gamut in %s, with the built-in profile',
    async (format) => {
      const icc = makeProfile('Display P3 like', DISPLAY_P3, 'the sender’s copyright');
      const { files, receipt, placeholder } = await bench.rendered(await tagged('png', icc, '#ff0000'), {
        profile: preserve(format),
      });
      for (const file of Object.values(files)) {
        // In sRGB this red is clipped: back in P3 it would be 234, 51, 35.
        near(await middle(file), [255, 0, 0], 6);
        expect(file.includes('the sender’s copyright')).toBe(false);
        const { icc: kept } = await sharp(file).metadata();
        expect(kept?.length).toBe(480);
        expect(kept?.includes('sender')).toBe(false);
      }
      expect(receipt.colorProfile).toBe('Display P3 like → Display P3');
      expect(placeholder.color).toMatch(/^#f[ef]0[0-5]0[0-5]$/);
    },
  );

  it('converts Adobe RGB to P3', async () => {
    const { files } = await bench.rendered(await tagged('jpeg', makeProfile('Adobe RGB like', ADOBE)), {
      profile: preserve('png'),
    });
    const shown = await sharp(files.main).removeAlpha().raw().toBuffer();
    near([...shown.subarray(0, 3)], toSrgb(COLOUR, ADOBE));
  });

  it('converts a GIF to sRGB, since GIF cannot store a profile', async () => {
    const { files } = await bench.rendered(await tagged('png', makeProfile('Display P3 like', DISPLAY_P3)), {
      profile: preserve('gif'),
    });
    near(await middle(files.main), toSrgb(COLOUR, DISPLAY_P3), 6);
  });

  it('leaves sRGB unchanged', async () => {
    const named = makeProfile('Some sRGB IEC61966-2.1', ADOBE);
    const files = [await plain(32, 32, hex).png().toBuffer(), await tagged('png', named)];
    const reported = [];
    for (const file of files) {
      const one = await bench.rendered(file, { profile: preserve('webp') });
      const other = await bench.rendered(file, {
        profile: profile({ ...preserve('webp'), colorSpace: 'srgb' }),
      });
      expect(one.files).toEqual(other.files);
      expect((await sharp(one.files.main).metadata()).icc).toBeUndefined();
      reported.push(one.receipt.colorProfile);
    }
    expect(reported).toEqual(['sRGB (assumed)', 'sRGB']);
  });

  it('converts an animation to sRGB and keeps its frames', async () => {
    const frames = coloured(32, 32, [
      [250, 20, 20],
      [20, 20, 250],
      [20, 250, 20],
    ]);
    const file = await (await animation(frames)).withIccProfile('p3').webp({ lossless: true }).toBuffer();
    expect((await sharp(file).metadata()).icc).toBeDefined();
    const { files, receipt, source } = await bench.rendered(file, { profile: preserve('webp') });
    expect(source.frames).toBe(3);
    expect(await sharp(files.half, { pages: -1 }).metadata()).toMatchObject({
      pages: 3,
      pageHeight: 16,
      width: 16,
    });
    near(pixel(await pixelsOf(files.main ?? file, -1), 5, 40), [20, 20, 250], 12);
    expect(receipt.colorProfile).toMatch(/→ sRGB$/);
    const still = await bench.rendered(file, { profile: preserve('jpeg') });
    expect(await sharp(still.files.main).metadata()).toMatchObject({ width: 32, height: 32 });
    expect(still.receipt.colorProfile).toMatch(/→ Display P3$/);
  });
});

describe('an invalid profile', () => {
  it.each<[string, (icc: Buffer) => unknown]>([
    ['with another illuminant', (icc) => icc.writeInt32BE(65_536 * 2, 68)],
    ['that claims more bytes', (icc) => icc.writeUInt32BE(icc.length + 1, 0)],
    ['with a tag past the end', (icc) => icc.writeUInt32BE(icc.length, 132 + 4)],
    ['without a signature', (icc) => icc.write('none', 36, 'latin1')],
  ])('is ignored by grey and colour, like in Chromium: %s', async (_, damage) => {
    const grey = await plain(32, 32, '#646464').toColourspace('b-w').png().toBuffer();
    const icc = makeProfile('Adobe RGB like', ADOBE);
    icc.write('GRAY', 16, 'latin1');
    damage(icc);
    near(
      await middle((await bench.rendered(pngWithIcc(grey, icc), { profile: png })).files.main),
      [100, 100, 100],
      0,
    );
    icc.write('RGB ', 16, 'latin1');
    near(
      await middle((await bench.rendered(await tagged('png', icc), { profile: png })).files.main),
      COLOUR,
      0,
    );
  });

  it.each([Buffer.from('garbage'), Buffer.alloc(200, 0xff), makeProfile('cut', ADOBE).subarray(0, 150)])(
    'is named in the receipt and ignored',
    async (icc) => {
      for (const colorSpace of ['srgb', 'preserve'] as const) {
        const wanted = profile({ variants: { main: { format: 'png' } }, colorSpace });
        const { files, receipt } = await bench.rendered(await tagged('jpeg', icc), { profile: wanted });
        near(await middle(files.main), COLOUR, 6);
        expect(receipt.colorProfile).toMatch(/^(un|sRGB|cut)/);
      }
    },
  );
});

describe('a profile for another pixel space', () => {
  it.each(['XYZ ', 'Lab ', 'GRAY', 'CMYK'])('is not applied: %s', async (space) => {
    const icc = makeProfile('Adobe RGB like', ADOBE);
    icc.write(space, 16, 'latin1');
    for (const colorSpace of ['srgb', 'preserve'] as const) {
      const wanted = profile({ variants: { main: { format: 'png' } }, colorSpace });
      const { files, receipt } = await bench.rendered(await tagged('jpeg', icc), { profile: wanted });
      near(await middle(files.main), COLOUR, 6);
      expect(receipt.colorProfile).toBe('sRGB (assumed)');
    }
  });
});

it('reads a profile that claims four billion tags without delay', async () => {
  const icc = makeProfile('Adobe RGB like', ADOBE);
  icc.writeUInt32BE(2 ** 32 - 1, 128);
  const began = performance.now();
  const { receipt } = await bench.rendered(await tagged('jpeg', icc));
  expect(receipt.colorProfile).toBe('unreadable profile → sRGB');
  expect(performance.now() - began).toBeLessThan(10_000);
});

it('ignores transparent pixels in the dominant colour', async () => {
  const colour = async (file: Buffer) => (await bench.rendered(file)).placeholder.color;
  expect(await colour(await plain(40, 30, '#000000').png().toBuffer())).toBe('#000000');
  expect(await colour(await plain(40, 30, '#ffffff').png().toBuffer())).toBe('#ffffff');
  expect(await colour(await plain(40, 30, '#123456').ensureAlpha(0).png().toBuffer())).toBe('#ffffff');
});

it.each([
  ['landscape', 300, 200],
  ['portrait', 200, 300],
  ['large', 1500, 1010],
])('makes a ThumbHash that shows the picture: %s', async (_, width, height) => {
  const { placeholder } = await bench.rendered(await open(scene(width, height)).png().toBuffer());
  const { w, h, rgba } = thumbHashToRGBA(Buffer.from(placeholder.thumbhash, 'base64'));
  expect(w > h).toBe(width > height);
  const decoded = sharp(rgba, { raw: { width: w, height: h, channels: 4 } }).removeAlpha();
  const shown = await pixelsOf(await decoded.resize({ width, height, fit: 'fill' }).png().toBuffer());
  // Few waves blur the edges between the corners: 28 of 255. With the sides swapped it is 47, and mirrored 75.
  expect(difference(shown, scene(width, height))).toBeLessThan(35);
});
