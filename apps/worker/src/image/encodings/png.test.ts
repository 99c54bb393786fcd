import { randomBytes } from 'node:crypto';
import { variantSchema } from '@pixdock/contract/profile';
import sharp from 'sharp';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Strip } from '../frames.js';
import { generator } from '../testing/pictures.js';
import { indexColours } from './content.js';
import type { Encoding, Encodings, Task } from './encoding.js';
import { indexedPng } from './indexed-png.js';
import { loadOxipng } from './oxipng.js';
import { encodePng } from './png.js';
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

it.each([1, 2, 3, 4, 5, 16, 17, 256])('writes %i colours exactly', async (count) => {
  for (const alpha of [false, true]) {
    const strip = pixelsOf(colours(count, alpha), alpha ? 4 : 3);
    const indexed = indexColours(strip);
    if (indexed === null) throw new Error('too many colours');
    expect((await rgba(indexedPng(strip.size, indexed, 6))).equals(await shown(strip))).toBe(true);
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
  const file = indexedPng(strip.size, indexed, 6);
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
  source: { ...CODING, bytes: source.length },
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
  isProgressive: false,
  isOptimized: false,
  hasFullChroma: true,
  isGrey: false,
  hasPalette: false,
  predictorBits: null,
  rows: () => null,
};

it('keeps all pixels, also invisible ones, and writes the metadata once', async () => {
  loadOxipng();
  const strip = pixelsOf(
    Array.from({ length: 851 }, (_, i) => [i / 4, i / 5, 200 - i / 6, i % 3 === 0 ? 0 : 255].map(Math.floor)),
    4,
  );
  const encodings = await collect(encodePng(taskOf(strip, Buffer.of(), XMP)));
  expect(encodings.map(({ encoder }) => encoder).slice(-2)).toEqual(['oxipng level 2', 'oxipng level 4']);
  for (const { data } of encodings) {
    expect((await rgba(data)).equals(await shown(strip))).toBe(true);
    expect(data.toString('latin1').split(XMP).length).toBe(2);
  }
});

const encodersOf = async (task: Task) => (await collect(encodePng(task))).map(({ encoder }) => encoder);
const grey = (width: number, height = 1050): Strip => ({
  pixels: Buffer.alloc(width * height),
  size: { width, height },
  channels: 1,
  frames: 1,
});

it('searches for a smaller file only where it takes less than two seconds', async () => {
  loadOxipng();
  const encoders = (width: number, height?: number) => encodersOf(taskOf(grey(width, height), Buffer.of()));
  expect(await encoders(1238)).toContain('oxipng level 2');
  expect((await encoders(1239)).filter((encoder) => encoder.includes('oxipng'))).toEqual([]);
  expect(await encoders(19, 2000)).toContain('oxipng level 2');
  expect((await encoders(19, 2001)).filter((encoder) => encoder.includes('oxipng'))).toEqual([]);
});

it('searches for a smaller file only where the search is likely to reach the size', async () => {
  loadOxipng();
  const strip = grey(31, 1050);
  const [plain = { data: Buffer.of() }] = await collect(encodePng(taskOf(strip, Buffer.of())));
  const encoders = (image: Strip, share: number) =>
    encodersOf(taskOf(image, Buffer.of(), null, plain.data.length / share));
  expect(await encoders(strip, 1.09)).toContain('oxipng level 2');
  expect((await encoders(strip, 1.5)).filter((encoder) => encoder.includes('oxipng'))).toEqual([]);
  expect(await encoders(grey(30), 1.5)).toContain('oxipng level 2');
});

it('searches a palette at a lower level first', async () => {
  loadOxipng();
  const strip = pixelsOf(colours(200), 3);
  const task = taskOf(strip, Buffer.of());
  const encoders = await encodersOf({ ...task, source: { ...task.source, hasPalette: true } });
  expect(encoders.filter((encoder) => encoder.startsWith('oxipng'))).toEqual([
    'oxipng level 1',
    'oxipng level 2',
    'oxipng level 4',
  ]);
});

it('searches longest only where the last search was close', async () => {
  loadOxipng();
  const strip = pixelsOf(colours(200), 3);
  const [plain = { data: Buffer.of() }] = await collect(encodePng(taskOf(strip, Buffer.of())));
  const encoders = await encodersOf(taskOf(strip, Buffer.of(), null, plain.data.length / 2));
  expect(encoders).toContain('oxipng level 2');
  expect(encoders).not.toContain('oxipng level 4');
});

it('compresses the rows of a scaled photograph less', async () => {
  loadOxipng();
  const strip = pixelsOf(
    Array.from({ length: 851 }, (_, i) => [i / 4, i / 5, 200 - i / 6].map(Math.floor)),
    3,
  );
  const task = taskOf(strip, Buffer.of());
  expect((await encodersOf(task))[0]).toBe('png level 6 filtered');
  expect((await encodersOf({ ...task, isUnscaled: false }))[0]).toBe('png level 5 filtered');
});

it('filters rows like the source', async () => {
  const strip = pixelsOf(
    Array.from({ length: 851 }, (_, i) => [i / 4, i / 5, 200 - i / 6].map(Math.floor)),
    3,
  );
  const filters = new Uint8Array(23).fill(2);
  const task = taskOf(strip, Buffer.of());
  const encodings = await collect(
    encodePng({ ...task, source: { ...task.source, rows: () => ({ channels: 3, filters }) } }),
  );
  const repeated = encodings.find(({ encoder }) => encoder === 'png level 7 filtered like the source');
  expect((await rgba(repeated?.data ?? Buffer.of())).equals(await shown(strip))).toBe(true);
});

it('filters rows like the source up to a megapixel, and at higher levels only near the wanted size', async () => {
  loadOxipng();
  async function levels(height: number, enough?: number): Promise<string[]> {
    const strip = grey(1000, height);
    const filters = new Uint8Array(height).fill(2);
    const task = taskOf(strip, Buffer.of(), null, enough);
    const rows = () => ({ channels: 1 as const, filters });
    const all = await encodersOf({ ...task, source: { ...task.source, rows } });
    return all.flatMap((encoder) => /level (\d) filtered like/.exec(encoder)?.[1] ?? []);
  }
  expect([await levels(1000), await levels(1000, 1), await levels(1001)]).toEqual([
    ['5', '7', '9'],
    ['5'],
    [],
  ]);
});

it('leaves rows unfiltered where the optimizer of the source did', async () => {
  const strip = pixelsOf(
    Array.from({ length: 851 }, (_, i) => [i / 4, i / 5, 200 - i / 6].map(Math.floor)),
    3,
  );
  const rows = () => ({ channels: 3 as const, filters: new Uint8Array(23) });
  const first = async (isOptimized: boolean) => {
    const task = taskOf(strip, Buffer.of());
    return (await encodersOf({ ...task, source: { ...task.source, isOptimized, rows } }))[0];
  };
  expect([await first(false), await first(true)]).toEqual(['png level 6 filtered', 'png level 6']);
});

it('does not try the highest level of zlib for rows that it could search for a minute', async () => {
  const few = taskOf(pixelsOf(colours(17), 3), Buffer.of());
  const many = taskOf(
    pixelsOf(
      Array.from({ length: 851 }, (_, i) => [i / 4, i / 5, 200 - i / 6].map(Math.floor)),
      3,
    ),
    Buffer.of(),
  );
  const rows = () => ({ channels: 3 as const, filters: new Uint8Array(23) });
  const filtered = () => ({ channels: 3 as const, filters: new Uint8Array(23).fill(2) });
  async function searched(task: Task): Promise<boolean> {
    return (await encodersOf(task)).some(
      (encoder) => encoder.startsWith('png') && encoder.includes('level 9'),
    );
  }
  const tasks = [
    few,
    ...[rows, filtered].map((each) => ({ ...many, source: { ...many.source, rows: each } })),
  ];
  for (const task of tasks) expect(await searched(task)).toBe(true);
  let seconds = 0;
  const clock = vi
    .spyOn(process, 'cpuUsage')
    .mockImplementation(() => ({ user: seconds++ * 1e6, system: 0 }));
  onTestFinished(() => clock.mockRestore());
  for (const task of tasks) expect(await searched(task)).toBe(false);
});

it('leaves out the highest level of zlib at the highest effort where a sample takes long', async () => {
  const many = Buffer.alloc(1560 * 1560 * 3);
  for (let at = 0; at < 900; at += 3) many.writeUIntLE(at, at, 3);
  const flat = (side: number): Strip => ({ ...grey(side, side), pixels: Buffer.alloc(side * side) });
  const colourful: Strip = { pixels: many, size: { width: 1560, height: 1560 }, channels: 3, frames: 1 };
  async function levels(strip: Strip, effort = 6): Promise<string[]> {
    const task = taskOf(strip, Buffer.of());
    const all = await encodersOf({ ...task, variant: { ...task.variant, effort }, isUnscaled: false });
    return [...new Set(all.map((encoder) => / level \d/.exec(encoder)?.[0] ?? ''))];
  }
  const [large, small] = [[flat(2700), colourful], flat(1000)];
  let seconds = 0;
  const clock = vi
    .spyOn(process, 'cpuUsage')
    .mockImplementation(() => ({ user: seconds++ * 1e6, system: 0 }));
  onTestFinished(() => clock.mockRestore());
  for (const strip of large) expect(await levels(strip)).toEqual([' level 6']);
  expect(await levels(small)).toEqual([' level 9']);
  const noise: Strip = { ...colourful, pixels: randomBytes(many.length) };
  expect(await levels(noise, 2)).toEqual([' level 5']);
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
