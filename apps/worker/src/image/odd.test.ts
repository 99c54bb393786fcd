import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench, profile } from './testing/bench.js';
import { type ExifEntry, exifSegment, makeExif } from './testing/exif.js';
import { makeGif } from './testing/gif.js';
import { codedOf, gridAvif, imir, irot, ispe, makeAvif } from './testing/heif.js';
import {
  difference,
  open,
  type Pixels,
  pixel,
  pixelsOf,
  scene,
  storedAs,
  withSegment,
} from './testing/pictures.js';
import { chunk, makePng, withChunk } from './testing/png.js';

/*
 * Files that cameras, phones and programs write and that a strict reader might refuse. Pixdock publishes them correctly.
 */
let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const asPng = profile({ variants: { main: { format: 'png' } } });
const SCENE = scene(64, 48);
const GREY = await pixelsOf(await open(SCENE).greyscale().toColourspace('srgb').png().toBuffer());

async function shown(source: Buffer): Promise<Pixels> {
  const { files } = await bench.rendered(source, { profile: asPng });
  return pixelsOf(files['main'] ?? Buffer.of());
}

const jpeg = (options = {}) =>
  open(SCENE)
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4', ...options })
    .toBuffer();
const png = (options = {}) => open(SCENE).png(options).toBuffer();
const at = (file: Buffer, marker: number) => file.indexOf(Buffer.of(0xff, marker));
const insert = (file: Buffer, place: number, what: Buffer) =>
  Buffer.concat([file.subarray(0, place), what, file.subarray(place)]);
const withEntry = async (entry: ExifEntry) => withSegment(await jpeg(), 0xe1, exifSegment(makeExif([entry])));

describe('an unusual file', () => {
  it.each<[string, () => Promise<Buffer> | Buffer, Pixels]>([
    [
      'a JPEG with fill bytes before its markers',
      async () => insert(await jpeg(), at(await jpeg(), 0xda), Buffer.alloc(9, 0xff)),
      SCENE,
    ],
    [
      'a JPEG with stray bytes before a marker',
      async () => insert(await jpeg(), at(await jpeg(), 0xc0), Buffer.alloc(7)),
      SCENE,
    ],
    ['a JPEG with zeros after its end', async () => Buffer.concat([await jpeg(), Buffer.alloc(4096)]), SCENE],
    [
      'a JPEG with another JPEG after its end',
      async () => Buffer.concat([await jpeg(), await open(scene(9, 9)).jpeg().toBuffer()]),
      SCENE,
    ],
    [
      'a JPEG with two EXIF segments',
      async () => withSegment(await withEntry([0x112, 3, 1, 1]), 0xe1, exifSegment(makeExif([]))),
      SCENE,
    ],
    [
      'a JPEG with a progressive thumbnail',
      async () =>
        withSegment(await jpeg(), 0xe1, exifSegment(makeExif([], await jpeg({ progressive: true })))),
      SCENE,
    ],
    [
      'a progressive JPEG in grey',
      () => open(SCENE).greyscale().jpeg({ quality: 95, progressive: true }).toBuffer(),
      GREY,
    ],
    ['an interlaced PNG', () => png({ progressive: true }), SCENE],
    [
      'a PNG with gamma and chromaticities',
      async () =>
        withChunk(withChunk(await png(), 'gAMA', Buffer.of(0, 0, 0xb1, 0x8f)), 'cHRM', chromaticities()),
      SCENE,
    ],
    [
      'a PNG with empty pixel chunks',
      async () => insert(await png(), (await png()).indexOf('IDAT') - 4, chunk('IDAT', Buffer.of())),
      SCENE,
    ],
    [
      'a PNG with a chunk for every byte',
      async () => makePng(SCENE, ...[...deflateSync(rows(SCENE))].map((byte) => Buffer.of(byte))),
      SCENE,
    ],
    [
      'an animated PNG, as its default image',
      async () => withChunk(await png(), 'acTL', Buffer.of(0, 0, 0, 2, 0, 0, 0, 0)),
      SCENE,
    ],
    [
      'an AVIF of 3 × 2 tiles',
      async () =>
        gridAvif(codedOf(await open(scene(64, 64)).avif({ quality: 90, effort: 0 }).toBuffer()), 64, 3, 2),
      tiled(scene(64, 64), 3, 2),
    ],
    // The decoder rotates it; AVIF ignores the orientation in EXIF (AVIF 1.1, 4).
    ['a rotated AVIF', () => turned(storedAs(8, SCENE), irot(1)), SCENE],
    ['a mirrored AVIF', () => turned(storedAs(2, SCENE), imir()), SCENE],
    ['an AVIF with the generic brand', () => turned(storedAs(8, SCENE), irot(1), { brand: 'mif1' }), SCENE],
    [
      'an AVIF with the generic brand and its description at the end',
      () =>
        turned(storedAs(8, SCENE), irot(1), { brand: 'mif1', isMetaLast: true, slack: Buffer.alloc(4096) }),
      SCENE,
    ],
    [
      'an AVIF with stray bytes',
      async () => Buffer.concat([await turned(storedAs(8, SCENE), irot(1)), Buffer.from('stray bytes')]),
      SCENE,
    ],
  ])('is published as a viewer shows it: %s', async (_, make, expected) => {
    expect(difference(await shown(await make()), expected)).toBeLessThan(6);
  });
});

it('publishes the first image of an animated PNG, and says so', async () => {
  const still = await png();
  const frame = chunk('fcTL', Buffer.alloc(26));
  const moving = insert(still, still.indexOf('IDAT') - 4, frame);
  const file = withChunk(
    insert(moving, moving.length - 12, frame),
    'acTL',
    Buffer.of(0, 0, 0, 2, 0, 0, 0, 0),
  );
  const { source, receipt, variants } = await bench.rendered(file);
  expect(source.frames).toBe(2);
  expect(receipt.removed).toEqual(['animation']);
  expect(variants.main?.format).toBe('png');
  expect(
    await bench.refusal(file, { profile: profile({ variants: { main: { animated: 'reject' } } }) }),
  ).toBe('too_many_frames');
});

describe('a GIF', () => {
  const size = { width: 16, height: 16 };
  // A frame of 4 × 4 at 6, 6 without a transparent colour.
  const partial = Buffer.from(
    '47494638396110001000800000c8c8c8ff000021f90400000000002c06000600040004000002048c8f1905003b',
    'hex',
  );

  it.each([
    ['png', [0]],
    ['webp', [0]],
    ['gif', [0]],
    ['jpeg', [255, 255, 255]],
  ] as const)(
    'is transparent where its first frame does not cover the screen: %s',
    async (format, corner) => {
      const { files, receipt } = await bench.rendered(partial, {
        profile: profile({ variants: { main: { format, quality: 100 } } }),
      });
      const main = await pixelsOf(files.main ?? Buffer.of());
      expect(pixel(main, 0, 0).slice(-corner.length)).toEqual(corner);
      expect(pixel(main, 7, 7)[0]).toBeGreaterThan(240);
      expect(pixel(main, 7, 7)[1]).toBeLessThan(15);
      expect(receipt.removed).toEqual([]);
    },
  );

  it('keeps its frames where the first one does not cover the screen', async () => {
    const corner = { width: 4, height: 4 };
    const file = makeGif(size, [corner, { ...corner, left: 12 }, { ...corner, left: 12, top: 12 }]);
    const { files, source } = await bench.rendered(file, {
      profile: profile({ variants: { main: { format: 'gif' } } }),
    });
    expect(source.frames).toBe(3);
    const strip = await pixelsOf(files.main ?? Buffer.of(), -1);
    expect(strip.height).toBe(3 * 16);
    const alphas = [0, 16, 32].map((top) => [2, 14].map((x) => pixel(strip, x, top + 1)[3]));
    expect(alphas).toEqual([
      [255, 0],
      [255, 255],
      [255, 255],
    ]);
    expect(pixel(strip, 8, 8)[3]).toBe(0);
  });

  it('may lack only its trailer', async () => {
    const frames = [size, { width: 4, height: 4 }];
    for (const file of [makeGif(size, [size]), makeGif(size, frames), partial]) {
      const whole = await bench.rendered(file);
      const cut = await bench.rendered(file.subarray(0, -1));
      expect(cut.files).toEqual(whole.files);
      expect(cut.source).toEqual(whole.source);
      expect(await bench.refusal(file.subarray(0, -2))).toBe('image_truncated');
    }
  });

  it('is decoded to its last pixel without an end code', async () => {
    for (let width = 1; width <= 16; width++) {
      const pixels = await shown(
        makeGif({ width, height: 3 }, [{ width, height: 3 }], { hasEndCode: false }),
      );
      expect(pixel(pixels, width - 1, 2), `${width} × 3`).toEqual([200, 40, 40]);
    }
  });

  it.each([
    [0, 0],
    [0, 10],
    [10, 0],
  ])('is refused if its screen is %i × %i', async (width, height) => {
    expect(await bench.render(makeGif({ width, height }, [{ width: 10, height: 10 }]))).toMatchObject({
      code: 'image_corrupt',
      detail: { reason: 'gif-without-size' },
    });
  });
});

it('ignores the orientation after the pixels of a PNG, like Chromium', async () => {
  const exif = chunk('eXIf', makeExif([[0x112, 3, 1, 6]]));
  const stored = await png();
  const before = insert(stored, stored.indexOf('IDAT') - 4, exif);
  const after = insert(stored, stored.length - 12, exif);
  expect((await bench.rendered(before)).receipt).toMatchObject({ orientationApplied: 6, removed: ['exif'] });
  expect((await bench.rendered(after)).receipt).toMatchObject({ orientationApplied: 1, removed: ['exif'] });
  expect(difference(await shown(after), SCENE)).toBeLessThan(1);
});

describe('an invalid orientation', () => {
  it.each<[string, ExifEntry]>([
    ...[0, 9, 255, 65_535].map((value): [string, ExifEntry] => [String(value), [0x112, 3, 1, value]]),
    ['a text', [0x112, 2, 2, 0x36]],
    ['a fraction', [0x112, 5, 1, 8]],
    ['six values', [0x112, 3, 6, 8]],
    ['no value', [0x112, 3, 0, 6]],
  ])('is ignored: %s', async (_, entry) => {
    const source = await withEntry(entry);
    const { receipt } = await bench.rendered(source);
    expect(receipt).toMatchObject({ orientationApplied: 1, removed: ['exif'] });
    expect(difference(await shown(source), SCENE)).toBeLessThan(6);
  });
});

describe('an unusual size', () => {
  const one = { width: 1, height: 1 };
  it.each<[string, () => Promise<Buffer> | Buffer, number, number]>([
    ...(['jpeg', 'png', 'webp', 'gif', 'avif'] as const).map(
      (format): [string, () => Promise<Buffer>, number, number] => [
        `a ${format} of one pixel`,
        () => open(scene(1, 1))[format]().toBuffer(),
        1,
        1,
      ],
    ),
    ['a JPEG of 17 × 3', () => open(scene(17, 3)).jpeg().toBuffer(), 17, 3],
    ['a GIF87a', () => makeGif({ width: 9, height: 7 }, [{ width: 9, height: 7 }], { version: '87a' }), 9, 7],
    [
      'a GIF whose frame is smaller than its screen',
      () => makeGif({ width: 30, height: 20 }, [{ ...one, left: 29, top: 19 }]),
      30,
      20,
    ],
    [
      'a GIF whose frame is larger than its screen',
      () => makeGif({ width: 10, height: 10 }, [{ width: 50, height: 40 }]),
      50,
      40,
    ],
    ['a GIF whose second frame is huge', () => makeGif(one, [one, { width: 9000, height: 9000 }]), 1, 1],
  ])('is kept: %s', async (_, make, width, height) => {
    expect((await bench.rendered(await make())).source).toMatchObject({ width, height });
  });
});

function rows({ data, width, height }: Pixels): Buffer {
  const lines = Array.from({ length: height }, (_, y) => data.subarray(y * width * 3, (y + 1) * width * 3));
  return Buffer.concat(lines.flatMap((line) => [Buffer.of(0), line]));
}

// The chromaticities of sRGB in units of 1/100,000 (PNG 11.3.2.1).
function chromaticities(): Buffer {
  const values = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6000];
  const data = Buffer.alloc(32);
  values.forEach((value, i) => data.writeUInt32BE(value, i * 4));
  return data;
}

function tiled(tile: Pixels, columns: number, down: number): Pixels {
  const line = (y: number) =>
    Buffer.concat(
      Array<Buffer>(columns).fill(tile.data.subarray(y * tile.width * 3, (y + 1) * tile.width * 3)),
    );
  const band = Buffer.concat(Array.from({ length: tile.height }, (_, y) => line(y)));
  return {
    width: tile.width * columns,
    height: tile.height * down,
    channels: 3,
    data: Buffer.concat(Array<Buffer>(down).fill(band)),
  };
}

async function turned(stored: Pixels, property: Buffer, options = {}): Promise<Buffer> {
  const { data, config } = codedOf(
    await open(stored).avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4' }).toBuffer(),
  );
  return makeAvif(
    [{ type: 'av01', data, properties: [config, ispe(stored.width, stored.height), property] }],
    options,
  );
}
