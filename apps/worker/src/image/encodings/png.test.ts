import { randomBytes } from 'node:crypto';
import { variantSchema } from '@pixdock/contract/profile';
import sharp from 'sharp';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { PngCoding } from '../container/png-coding.js';
import type { Strip } from '../frames.js';
import type { Size } from '../geometry.js';
import { generator } from '../testing/pictures.js';
import { type Indexed, indexColours } from './content.js';
import { deflate } from './deflate.js';
import type { Encoding, Encodings, Task } from './encoding.js';
import { filterRows } from './filter-rows.js';
import { indexedRows } from './palette-rows.js';
import { encodePng } from './png.js';
import { pngFile } from './png-file.js';
import { openWithXmp } from './xmp.js';

const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';

/** Random pixels of the given colours. */
function pixelsOf(colours: readonly (readonly number[])[], channels: Strip['channels'], width = 37): Strip {
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

const rgba = (file: Buffer) => sharp(file).toColourspace('srgb').ensureAlpha().raw().toBuffer();
const shown = ({ pixels, size, channels }: Strip) =>
  sharp(pixels, { raw: { ...size, channels } })
    .ensureAlpha()
    .raw()
    .toBuffer();
const colours = (count: number, alpha = false) =>
  Array.from({ length: count }, (_, i) =>
    [i * 7, 255 - i, i * 3, ...(alpha ? [i % 3 === 0 ? i : 255] : [])].map((v) => v & 255),
  );

function fileOf(size: Size, indexed: Indexed): Buffer {
  const rows = indexedRows(size, indexed);
  return pngFile(rows, deflate(filterRows(rows, null), 6));
}

it.each([1, 2, 3, 4, 5, 16, 17, 256])('writes %i colours exactly', async (count) => {
  for (const alpha of [false, true]) {
    const strip = pixelsOf(colours(count, alpha), alpha ? 4 : 3);
    const indexed = indexColours(strip);
    if (indexed === null) throw new Error('too many colours');
    expect((await rgba(fileOf(strip.size, indexed))).equals(await shown(strip))).toBe(true);
  }
});

it.each([
  [1, [0, 255]],
  [2, [0, 85, 170, 255]],
  [4, [0, 17, 34, 51, 255]],
] as const)('writes grey in %i bits without a palette', async (depth, levels) => {
  const strip = pixelsOf(
    levels.map((level) => [level, level, level]),
    3,
  );
  const indexed = indexColours(strip);
  if (indexed === null) throw new Error('too many colours');
  const file = fileOf(strip.size, indexed);
  expect([file[24], file[25], file.includes('PLTE')]).toEqual([depth, 0, false]);
  expect((await rgba(file)).equals(await shown(strip))).toBe(true);
});

const taskOf = (
  strip: Strip,
  source: Buffer,
  xmp: string | null = null,
  enough = Number.POSITIVE_INFINITY,
): Task => ({
  picture: { strip: async () => strip, open: async () => openWithXmp(strip, null) },
  variant: { ...DEFAULT_VARIANT, format: 'keep', effort: 2 },
  timing: {},
  xmp,
  source: { ...CODING, bytes: source.length, png: codingOf(-1, null) },
  size: strip.size,
  enough,
  isUnscaled: true,
});
async function collect(encodings: Encodings): Promise<Encoding[]> {
  const all: Encoding[] = [];
  for await (const encoding of encodings) all.push(encoding);
  return all;
}
const DEFAULT_VARIANT = variantSchema.parse({});
const CODING = {
  format: 'png' as const,
  isLossless: true,
  quality: null,
  lowQuality: null,
  isProgressive: false,
  isOptimized: false,
  hasFullChroma: true,
  isGrey: false,
  predictorBits: null,
  png: null,
};
/** A source with samples of this type, PNG 3rd edition, 11.2.1. */
const codingOf = (type: number, filters: Uint8Array | null): PngCoding => ({
  type,
  depth: 8,
  palette: null,
  filters: () => filters,
});

const LEVELS = ['png level 6', 'png level 9', 'png level 10', 'png level 12'];

it('keeps all pixels, also invisible ones, and writes the metadata once', async () => {
  const strip = pixelsOf(many(4), 4);
  const task = taskOf(strip, Buffer.of(), XMP);
  const png = codingOf(6, new Uint8Array(23));
  const encodings = await collect(encodePng({ ...task, source: { ...task.source, png } }));
  expect(encodings.map(({ encoder }) => encoder)).toEqual(['png level 6 filtered', ...LEVELS]);
  for (const { data } of encodings) {
    expect((await rgba(data)).equals(await shown(strip))).toBe(true);
    expect(data.toString('latin1').split(XMP).length).toBe(2);
  }
});

/** Too many colours for a palette, so many that no two neighbours are equal. */
const many = (channels: 3 | 4) =>
  Array.from({ length: 851 }, (_, i) =>
    [i / 4, i / 5, 200 - i / 6, i % 3 === 0 ? 0 : 255].slice(0, channels).map(Math.floor),
  );

const encodersOf = async (task: Task) => (await collect(encodePng(task))).map(({ encoder }) => encoder);
const grey = (width: number, height = 1050): Strip => ({
  pixels: Buffer.alloc(width * height),
  size: { width, height },
  channels: 1,
  frames: 1,
});

it('searches longest only in rows of at most 4.2 MB', async () => {
  // More than 16 grey levels are not written as a palette.
  const greys = Buffer.from(Array.from({ length: 64 }, (_, i) => i));
  async function encoders(width: number): Promise<string[]> {
    const strip = { ...grey(width), pixels: Buffer.alloc(width * 1050, greys) };
    const task = taskOf(strip, Buffer.of());
    return encodersOf({ ...task, source: { ...task.source, png: codingOf(0, new Uint8Array(1050)) } });
  }
  const levels = LEVELS.map((level) => level.replace('png', 'png grey'));
  const filtered = 'png grey level 6 filtered';
  expect(await encoders(3999)).toEqual([filtered, ...levels]);
  expect(await encoders(4000)).toEqual([filtered, ...levels.slice(0, 3)]);
});

it('searches longest only where that is likely to reach the size', async () => {
  const encoders = async (strip: Strip, share: number) => {
    const all = await collect(encodePng(taskOf(strip, Buffer.of())));
    const near = Math.min(...all.slice(0, 3).map(({ data }) => data.length)) / share;
    return encodersOf(taskOf(strip, Buffer.of(), null, near));
  };
  const [large, icon] = [pixelsOf(colours(200), 3, 1500), pixelsOf(colours(200), 3)];
  const LONGEST = 'png palette level 12';
  expect(await encoders(large, 1.29)).toContain(LONGEST);
  expect(await encoders(large, 1.31)).not.toContain(LONGEST);
  expect(await encoders(icon, 1.5)).toContain(LONGEST);
});

it('compresses the rows of a scaled photograph less', async () => {
  const task = taskOf(pixelsOf(many(3), 3), Buffer.of());
  expect((await encodersOf(task))[0]).toBe('png level 6 filtered');
  expect(await encodersOf({ ...task, isUnscaled: false })).toEqual(['png level 5 filtered']);
});

it('filters rows like the source', async () => {
  const strip = pixelsOf(many(3), 3);
  const png = codingOf(2, new Uint8Array(23).fill(2));
  const task = taskOf(strip, Buffer.of());
  const encodings = await collect(encodePng({ ...task, source: { ...task.source, png } }));
  expect(encodings.map(({ encoder }) => encoder)).toEqual(
    LEVELS.map((level) => `${level} filtered like the source`),
  );
  for (const { data } of encodings) expect((await rgba(data)).equals(await shown(strip))).toBe(true);
});

it.each([
  ['rows of another type', 6, 3, 'png level 6 filtered'],
  ['more than 8.4 MB', 2, 2801, 'png level 6 filtered'],
])('lets libvips filter %s', async (_, type, width, encoder) => {
  const wide = pixelsOf(many(3), 3);
  const height = width === 3 ? 23 : 1000;
  const pixels = width === 3 ? wide.pixels : randomBytes(width * height * 3);
  const size = width === 3 ? wide.size : { width, height };
  const task = taskOf({ ...wide, pixels, size }, Buffer.of());
  const png = codingOf(type, new Uint8Array(height).fill(2));
  expect(await encodersOf({ ...task, source: { ...task.source, png } })).toEqual([encoder]);
});

it('orders a palette like the source, and filters its rows like the source', async () => {
  const all = colours(40, true);
  const strip = pixelsOf(all, 4);
  const packed = all.map(([r = 0, g = 0, b = 0, a = 0]) => r | (g << 8) | (b << 16) | (a << 24));
  const palette = [0x123456, ...packed.toReversed()];
  const png = { ...codingOf(3, new Uint8Array(23).fill(1)), palette };
  const task = taskOf(strip, Buffer.of());
  const encodings = await collect(encodePng({ ...task, source: { ...task.source, png } }));
  expect(encodings.map(({ encoder }) => encoder)).toEqual([
    'png palette level 6',
    ...[6, 9, 10, 12].map((level) => `png palette level ${level} filtered like the source`),
  ]);
  for (const { data } of encodings) {
    expect((await rgba(data)).equals(await shown(strip))).toBe(true);
    // The palette has the order of the source, without the colour that no pixel has.
    expect(data.subarray(data.indexOf('PLTE') + 4, data.indexOf('PLTE') + 7)).toEqual(
      Buffer.from((all.at(-1) ?? []).slice(0, 3)),
    );
    expect(data.readUInt32BE(data.indexOf('PLTE') - 4)).toBe(all.length * 3);
  }
});

it('tries the filters of a source that filters few rows last', async () => {
  const filters = new Uint8Array(23).fill(2, 0, 5);
  const like = (levels: readonly string[]) => levels.map((level) => `${level} filtered like the source`);
  const encoders = async (strip: Strip, png: PngCoding) => {
    const task = taskOf(strip, Buffer.of());
    return encodersOf({ ...task, source: { ...task.source, isOptimized: true, png } });
  };
  expect(await encoders(pixelsOf(many(3), 3), codingOf(2, filters))).toEqual([...LEVELS, ...like(LEVELS)]);
  const palette = LEVELS.map((level) => level.replace('png', 'png palette'));
  const indexed = (width: number) =>
    encoders(pixelsOf(colours(40), 3, width), { ...codingOf(3, filters), palette: [] });
  expect(await indexed(37)).toEqual([...palette, ...like(palette)]);
  // Rows of more than a million bytes are not compressed in both ways.
  expect(await indexed(43_478)).toEqual([...palette, ...like(palette)]);
  expect(await indexed(43_479)).toEqual(palette);
});

const CLEAR = [1, 2, 3, 0];
it.each([
  ['has', 2, [CLEAR, CLEAR], 2],
  ['has, of no pixel,', 2, [], 2],
  ['lacks', 6, [CLEAR, CLEAR], 6],
  ['cannot have, as a visible pixel has it,', 2, [CLEAR, [1, 2, 3, 255]], 6],
  ['cannot have, as a pixel is half visible,', 2, [CLEAR, [1, 2, 3, 128]], 6],
  ['cannot have, as invisible pixels have two,', 2, [CLEAR, [3, 2, 1, 0]], 6],
])(
  'writes a transparent colour in place of alpha where the source %s one',
  async (_, type, extra, written) => {
    const visible = many(3)
      .slice(0, 840)
      .map((colour) => [...colour, 255]);
    const strip = pixelsOf([...visible, ...extra], 4);
    const png = codingOf(type, new Uint8Array(23).fill(2));
    const task = taskOf(strip, Buffer.of());
    for (const { data } of await collect(encodePng({ ...task, source: { ...task.source, png } }))) {
      expect([data[25], data.includes('tRNS')]).toEqual([written, written === 2 && extra.length > 0]);
      expect((await rgba(data)).equals(await shown(strip))).toBe(true);
    }
  },
);

it('writes a transparent grey', async () => {
  const levels = Array.from({ length: 40 }, (_, i) => [i, 255]);
  const strip = pixelsOf([...levels, [200, 0]], 2);
  const png = codingOf(0, new Uint8Array(23));
  const task = taskOf(strip, Buffer.of());
  const encodings = await collect(encodePng({ ...task, source: { ...task.source, isOptimized: true, png } }));
  for (const { data } of encodings) {
    expect([data[25], data.includes('tRNS')]).toEqual([0, true]);
    expect((await rgba(data)).equals(await shown(strip))).toBe(true);
  }
});

it('writes a palette in few bits first, then in the bits of the source', async () => {
  const strip = pixelsOf(colours(3), 3);
  const [red = 0, green = 0, blue = 0] = colours(3)[1] ?? [];
  const palette = [red | (green << 8) | (blue << 16) | (255 << 24)];
  const png = { ...codingOf(3, new Uint8Array(23)), palette };
  const task = taskOf(strip, Buffer.of());
  const all = await collect(encodePng({ ...task, source: { ...task.source, png } }));
  expect(all.map(({ data }) => data[24])).toEqual([2, 8, 8, 8, 8]);
  for (const { data } of all) expect((await rgba(data)).equals(await shown(strip))).toBe(true);
});

it('writes grey as a palette where the source does', async () => {
  const strip = pixelsOf([[255, 255, 255]], 3);
  const png = { ...codingOf(3, new Uint8Array(23)), depth: 1, palette: [0xffffffff | 0] };
  const task = taskOf(strip, Buffer.of());
  const all = await collect(encodePng({ ...task, source: { ...task.source, png } }));
  expect(all.map(({ data }) => data[25])).toEqual([0, 3, 3, 3, 3]);
});

it('leaves rows unfiltered where the optimizer of the source did', async () => {
  const png = codingOf(2, new Uint8Array(23));
  const first = async (isOptimized: boolean) => {
    const task = taskOf(pixelsOf(many(3), 3), Buffer.of());
    return (await encodersOf({ ...task, source: { ...task.source, isOptimized, png } }))[0];
  };
  expect([await first(false), await first(true)]).toEqual(['png level 6 filtered', 'png level 6']);
});

it('leaves out the highest level of zlib at the highest effort where a sample takes long', async () => {
  const noise = (side: number): Strip => ({
    pixels: randomBytes(side * side * 3),
    size: { width: side, height: side },
    channels: 3,
    frames: 1,
  });
  async function levels(strip: Strip, effort = 6): Promise<string[]> {
    const task = taskOf(strip, Buffer.of());
    const all = await encodersOf({ ...task, variant: { ...task.variant, effort }, isUnscaled: false });
    return all.map((encoder) => / level \d/.exec(encoder)?.[0] ?? '');
  }
  let seconds = 0;
  const clock = vi
    .spyOn(process, 'cpuUsage')
    .mockImplementation(() => ({ user: seconds++ * 1e6, system: 0 }));
  onTestFinished(() => clock.mockRestore());
  expect(await levels(noise(1560))).toEqual([' level 6']);
  expect(await levels(noise(1000))).toEqual([' level 9']);
  expect(await levels(noise(1560), 2)).toEqual([' level 5']);
});

it.each([
  [1300, 9],
  [1400, 6],
])('takes a wide gamut of %i pixels per side at level %i at the highest effort', async (side, level) => {
  const task = taskOf(grey(10), Buffer.of());
  const strip = async () => null;
  const encoders = await encodersOf({
    ...task,
    picture: { ...task.picture, strip },
    variant: { ...task.variant, effort: 6 },
    size: { width: side, height: side },
  });
  expect(encoders).toEqual([`png level ${level}`]);
});
