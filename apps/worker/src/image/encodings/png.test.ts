import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { variantSchema } from '@pixdock/contract/profile';
import { zlib } from 'libdeflate';
import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';
import { openStrip, type Strip } from '../frames.js';
import { withBytes } from '../testing/file-bytes.js';
import { generator } from '../testing/pictures.js';
import { makePng, type PngHeader, withChunk } from '../testing/png.js';
import { toStrip } from '../to-strip.js';
import { type Encoding, smallest, type Task } from './encoding.js';
import { encodePng } from './png.js';
import { openWithXmp } from './xmp.js';

const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';

type Options = Partial<Pick<Task, 'isUnscaled' | 'xmp' | 'size' | 'picture' | 'enough'>> & {
  effort?: number;
};

/** Encodes pixels, by default those of the source. */
async function encodingOf(source: Buffer, options: Options = {}, pixels?: Strip): Promise<Encoding> {
  const strip = pixels ?? (await toStrip(sharp(source, { limitInputPixels: false }), 1));
  const { effort = 2, ...rest } = options;
  return withBytes(source, async (file) => {
    const task: Task = {
      picture: { strip: async () => strip, open: async () => openWithXmp(strip, null) },
      variant: variantSchema.parse({ effort }),
      timing: {},
      xmp: null,
      source: { ...CODING, bytes: source.length, file },
      size: strip.size,
      enough: Number.POSITIVE_INFINITY,
      isUnscaled: true,
      ...rest,
    };
    return smallest(encodePng(task), task.enough);
  });
}

const CODING = {
  format: 'png' as const,
  isLossless: true,
  quality: null,
  lowQuality: null,
  isProgressive: false,
  isOptimized: false,
  hasFullChroma: true,
  isGrey: false,
};

const rgba = (image: Sharp) => image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
const isSame = async (a: Buffer, b: Buffer) => (await rgba(sharp(a))).equals(await rgba(sharp(b)));
const isRepeated = ({ encoder }: Encoding) => encoder.endsWith('with the rows of the source');

/** Random pixels of the given colours. */
function pixelsOf(colours: readonly (readonly number[])[], channels: 3 | 4, width = 37): Strip {
  const random = generator(colours.length);
  const pixels = Array.from({ length: width * 23 }, (_, i) =>
    i < colours.length ? colours[i] : colours[Math.floor(random() * colours.length)],
  );
  return {
    pixels: Buffer.from(pixels.flatMap((pixel) => pixel ?? [])),
    size: { width, height: 23 },
    channels,
    frames: 1,
  };
}

const colours = (count: number, alpha = false) =>
  Array.from({ length: count }, (_, i) =>
    [i * 7, 255 - i, i * 3, ...(alpha ? [i % 3 === 0 ? i : 255] : [])].map((v) => v & 255),
  );
/** Too many colours for a palette, so many that no two neighbours are equal. */
const many = (channels: 3 | 4) =>
  Array.from({ length: 851 }, (_, i) =>
    [i / 4, i / 5, 200 - i / 6, i % 3 === 0 ? 0 : 255].slice(0, channels).map(Math.floor),
  );

const png = (strip: Strip, options = {}) => openStrip(strip).png(options).toBuffer();
const idatOf = (file: Buffer) => {
  const at = file.indexOf('IDAT');
  return file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4));
};

it.each([
  ['RGB', pixelsOf(many(3), 3), {}],
  ['RGB with filters', pixelsOf(many(3), 3), { adaptiveFiltering: true }],
  ['alpha and invisible colours', pixelsOf(many(4), 4), {}],
  ['interlaced rows', pixelsOf(many(4), 4), { progressive: true }],
  ['a palette', pixelsOf(colours(200), 3), { palette: true }],
  ['a palette of 2 bits', pixelsOf(colours(3), 3), { palette: true, colours: 4 }],
  ['an interlaced palette', pixelsOf(colours(200), 3), { palette: true, progressive: true }],
])('keeps the rows of %s, and compresses them anew', async (_, strip, options) => {
  const source = await png(strip, { compressionLevel: 1, ...options });
  const encoding = await encodingOf(source);
  expect([isRepeated(encoding), await isSame(encoding.data, source)]).toEqual([true, true]);
  expect(encoding.data.subarray(0, 33)).toEqual(source.subarray(0, 33));
  expect(idatOf(encoding.data)).not.toEqual(idatOf(source));
});

it('writes nothing but the header, the colours and the rows', async () => {
  const source = withChunk(
    await png(pixelsOf(colours(40, true), 4), { palette: true }),
    'tEXt',
    Buffer.from('a\0b'),
  );
  const { data } = await encodingOf(source, { xmp: XMP });
  expect(chunksOf(data)).toEqual(['IHDR', 'iTXt', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
  expect(data.toString('latin1').split(XMP).length).toBe(2);
});

function chunksOf(file: Buffer): string[] {
  const types: string[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    types.push(file.toString('latin1', at + 4, at + 8));
  return types;
}

/** A PNG with these samples, unfiltered. */
const made = (header: PngHeader, rows: readonly (readonly number[])[], ...chunks: [string, number[]][]) =>
  chunks.reduceRight(
    (file, [type, data]) => withChunk(file, type, Buffer.from(data)),
    makePng(header, deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])))),
  );
const palette = (indexes: readonly number[], plte: number[], trns: number[] = []) =>
  made(
    { width: indexes.length, height: 1, colour: 3 },
    [indexes],
    ['PLTE', plte],
    ...(trns.length > 0 ? [['tRNS', trns] as [string, number[]]] : []),
  );
const dataOf = (file: Buffer, type: string) => {
  const at = file.indexOf(type);
  return at === -1 ? null : [...file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4))];
};

it('blanks colours of a palette that no pixel has', async () => {
  const source = palette([1, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [9, 8, 7, 6, 5]);
  const encoding = await encodingOf(source);
  expect(isRepeated(encoding)).toBe(true);
  expect(dataOf(encoding.data, 'PLTE')).toEqual([0, 0, 0, 4, 5, 6, 0, 0, 0, 10, 11, 12]);
  expect(dataOf(encoding.data, 'tRNS')).toEqual([255, 8, 255, 6]);
  expect(await isSame(encoding.data, source)).toBe(true);
});

it('drops the transparency of colours that no pixel has', async () => {
  const { data } = await encodingOf(palette([0], [1, 2, 3, 4, 5, 6], [255, 0]));
  expect(chunksOf(data)).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
});

it.each([
  ['repeat a colour', palette([0, 1], [0, 0, 0, 0, 0, 0])],
  ['are past the end of the palette', palette([0, 1, 77], [0, 0, 0])],
])('repeats no rows whose indexes %s, since they could hide data', async (_, source) => {
  const encoding = await encodingOf(source);
  expect([isRepeated(encoding), await isSame(encoding.data, source)]).toEqual([false, true]);
});

it('takes the first of equal colours, as of a palette that is filled up with black', async () => {
  const encoding = await encodingOf(palette([0, 1], [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]));
  expect([isRepeated(encoding), dataOf(encoding.data, 'PLTE')]).toEqual([true, [0, 0, 0, 1, 1, 1]]);
});

it('keeps a transparent colour that a pixel has, in the bits of its depth', async () => {
  const key = (row: number[]) =>
    made({ width: 2, height: 1, colour: 2 }, [row], ['tRNS', [65, 1, 66, 2, 67, 3]]);
  const used = await encodingOf(key([1, 2, 3, 4, 5, 6]));
  expect([isRepeated(used), dataOf(used.data, 'tRNS')]).toEqual([true, [0, 1, 0, 2, 0, 3]]);
  const unused = await encodingOf(key([7, 2, 3, 4, 5, 6]));
  expect([isRepeated(unused), dataOf(unused.data, 'tRNS')]).toEqual([true, null]);
  const grey = made({ width: 8, height: 1, depth: 1, colour: 0 }, [[0b10100000]], ['tRNS', [255, 255]]);
  const { data } = await encodingOf(grey);
  expect([dataOf(data, 'tRNS'), await isSame(data, grey)]).toEqual([[0, 1], true]);
});

it('keeps no rows of other pixels, of another size, or of 16 bits', async () => {
  const strip = pixelsOf(many(3), 3);
  const source = await png(strip);
  const pixels = Buffer.from(strip.pixels);
  pixels[700] = 255 - (pixels[700] ?? 0);
  const others = await encodingOf(source, {}, { ...strip, pixels });
  expect([isRepeated(others), (await toStrip(sharp(others.data), 1)).pixels.equals(pixels)]).toEqual([
    false,
    true,
  ]);
  expect(isRepeated(await encodingOf(source, { isUnscaled: false }))).toBe(false);
  const deep = await openStrip(strip).toColourspace('rgb16').png().toBuffer();
  expect([deep[24], isRepeated(await encodingOf(deep))]).toEqual([16, false]);
});

const levelOf = ({ encoder }: Encoding) => Number(/level (\d+)/.exec(encoder)?.[1]);
const deflated = (level: number, bytes: number) =>
  makePng({ width: bytes - 1, height: 1, colour: 0 }, deflateSync(Buffer.alloc(bytes), { level }));

/** A PNG of one row of words of six bytes, some of them often, which a search compresses better. */
function words(count: number): Buffer {
  const random = generator(1);
  const all = Array.from({ length: 8 }, () => Buffer.from(Array.from({ length: 6 }, () => random() * 256)));
  const row = Array.from(
    { length: count },
    () => all[Math.floor(random() * 8 * random())] ?? Buffer.alloc(0),
  );
  const bytes = Buffer.concat([Buffer.alloc(1), ...row]);
  return makePng({ width: bytes.length - 1, height: 1, colour: 0 }, deflateSync(bytes));
}

/** A PNG of a ring, which level 12 compresses by a fifth better than level 10. */
function ring(): Buffer {
  const side = 128;
  const alphaAt = (x: number, y: number) => 255 * (10 - Math.abs(Math.hypot(x - 64, y - 64) - side / 3));
  const pixels = (y: number) =>
    Array.from({ length: side }, (_, x) => [0, 0, 0, Math.min(255, Math.max(0, Math.round(alphaAt(x, y))))]);
  const rows = Buffer.from(Array.from({ length: side }, (_, y) => [0, ...pixels(y).flat()]).flat());
  return makePng({ width: side, height: side, colour: 6 }, Buffer.from(zlib(rows, 12)));
}

it.each([
  ['rows', deflated(6, 1000), {}, 6],
  ['rows that were compressed slowly', deflated(9, 1000), {}, 9],
  ['rows at the highest effort', deflated(6, 1000), { effort: 6 }, 9],
  ['rows that are too large', words(20_000), { enough: 1 }, 12],
  ['more than 4.2 MB that are too large', words(700_000), { enough: 1 }, 10],
  ['more than 16 MB that were compressed slowly', deflated(9, 16_000_001), {}, 6],
  ['rows that stay much too large', ring(), { enough: 1 }, 9],
])('compresses %s at the level for their time', async (_, source, options, level) => {
  expect(levelOf(await encodingOf(source, options))).toBe(level);
});

const scaled = (strip: Strip, effort = 2) =>
  encodingOf(Buffer.alloc(0), { isUnscaled: false, effort }, strip);
const greys = (count: number) => colours(count).map((_, i) => [i, i, i]);

it.each([
  ['few colours', colours(200), 'png palette level 6'],
  ['one colour', colours(1), 'png palette level 6'],
  ['16 greys', greys(16), 'png palette level 6'],
  ['17 greys', greys(17), 'png grey level 5 filtered'],
  ['a photograph', many(3), 'png level 5 filtered'],
])('encodes other rows of %s', async (_, all, encoder) => {
  const strip = pixelsOf(all, 3);
  const encoding = await scaled(strip);
  expect(encoding.encoder).toBe(encoder);
  expect((await rgba(sharp(encoding.data))).equals(await rgba(openStrip(strip)))).toBe(true);
});

it('keeps invisible colours that a palette would lose', async () => {
  const strip = pixelsOf(
    [
      [1, 2, 3, 0],
      [4, 5, 6, 0],
      [7, 8, 9, 255],
    ],
    4,
  );
  const encoding = await scaled(strip);
  expect(encoding.encoder).not.toContain('palette');
  expect((await rgba(sharp(encoding.data))).equals(strip.pixels)).toBe(true);
});

it('compresses other rows at the highest level only at the highest effort, up to 7 MB', async () => {
  const noise = (side: number): Strip => ({
    pixels: randomBytes(side * side * 3),
    size: { width: side, height: side },
    channels: 3,
    frames: 1,
  });
  expect(levelOf(await scaled(noise(1000), 6))).toBe(9);
  expect(levelOf(await scaled(noise(1560), 6))).toBe(6);
});

it.each([
  [1300, 9],
  [1400, 6],
])('takes a wide gamut of %i pixels per side at level %i at the highest effort', async (side, level) => {
  const strip = pixelsOf(many(3), 3);
  const picture = { strip: async () => null, open: async () => openStrip(strip) };
  const size = { width: side, height: side };
  expect(levelOf(await encodingOf(Buffer.alloc(0), { picture, size, effort: 6 }, strip))).toBe(level);
});
