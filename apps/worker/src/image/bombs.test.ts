import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, DEFAULT, openBench } from './testing/bench.js';
import { deflatedZeros } from './testing/deflated.js';
import { type ExifEntry, exifSegment, makeExif } from './testing/exif.js';
import { gifExtension, makeGif } from './testing/gif.js';
import { codedOf, gridAvif, ispe, makeAvif } from './testing/heif.js';
import { measure } from './testing/measure.js';
import { animation, coloured, open, plain, scene, withSegment } from './testing/pictures.js';
import { makePng, withChunk } from './testing/png.js';
import { MAX_SCANS, manyScans } from './testing/progressive.js';
import { withWebpChunk } from './testing/webp.js';

/*
 * Each case limits the time and memory of the child. An idle child takes 90 MiB; times are ten times those on an idle machine.
 */
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const SIDE = 7000;

interface Bomb {
  make: () => Buffer | Promise<Buffer>;
  outcome: string;
  ms: number;
  peakMib: number;
}
type Row = [name: string, bomb: Bomb];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

async function expectBounded(_: string, { make, outcome, ms, peakMib }: Bomb): Promise<void> {
  const cost = await measure(bench, await make(), { profile: DEFAULT });
  expect(cost.outcome).toBe(outcome);
  expect(cost.ms).toBeLessThan(ms);
  expect(cost.peakMib).toBeLessThan(peakMib);
}

const refused = (name: string, outcome: string, make: Bomb['make']): Row => [
  name,
  { make, outcome, ms: 10_000, peakMib: 200 },
];
const rendered = (name: string, ms: number, peakMib: number, make: Bomb['make']): Row => [
  name,
  { make, outcome: 'rendered', ms, peakMib },
];

const gifOf = (frames: number, size: { width: number; height: number }) =>
  makeGif(
    size,
    Array.from({ length: frames }, () => size),
  );
const jpeg = () => open(scene(64, 48)).jpeg().toBuffer();
const png = () => open(scene(64, 48)).png().toBuffer();
const tile = async (side: number) => codedOf(await open(scene(side, side)).avif({ effort: 0 }).toBuffer());
const withCanvas = (webp: Buffer, width: number, height: number) => {
  // RFC 9649 2.7: both sides minus one, in 24 bits each.
  webp.writeUIntLE(width - 1, webp.indexOf('VP8X') + 12, 3);
  webp.writeUIntLE(height - 1, webp.indexOf('VP8X') + 15, 3);
  return webp;
};
const withParts = (file: Buffer, at: number, part: Buffer, count: number) =>
  Buffer.concat([file.subarray(0, at), Buffer.alloc(part.length * count, part), file.subarray(at)]);
const extendedWebp = async () =>
  withWebpChunk(await open(scene(64, 48)).webp().toBuffer(), 'XMP ', Buffer.of());

describe('an image above the limits', () => {
  it.each<Row>([
    refused('a PNG of 400 MP in 1 MB', 'image_too_large', () =>
      makePng({ width: 20_000, height: 20_000 }, deflatedZeros(20_000 * 60_001)),
    ),
    refused('a GIF of 65,535 × 800', 'image_too_large', () =>
      makeGif({ width: 65_535, height: 800 }, [{ width: 65_535, height: 800 }]),
    ),
    refused('a GIF of 2001 frames', 'too_many_frames', () => gifOf(2001, { width: 1, height: 1 })),
    refused('a GIF of 500 frames of 500 × 500', 'image_too_large', () =>
      gifOf(500, { width: 500, height: 500 }),
    ),
    refused('an animated WebP whose canvas is huge', 'image_corrupt', async () =>
      withCanvas(
        await (
          await animation(
            coloured(8, 8, [
              [1, 2, 3],
              [9, 9, 9],
            ]),
          )
        )
          .webp()
          .toBuffer(),
        2 ** 24,
        255,
      ),
    ),
    refused('a WebP of 16,383 × 16,383', 'image_too_large', async () => {
      const webp = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
        .webp({ lossless: true })
        .toBuffer();
      // RFC 9649 3.4: both sides minus one, in 14 bits each after the signature 0x2F.
      webp.writeUInt32LE(16_382 * 2 ** 14 + 16_382, webp.indexOf('VP8L') + 9);
      return webp;
    }),
    refused('an AVIF that claims 60,000 × 60,000', 'image_too_large', async () => {
      const { data, config } = await tile(64);
      return makeAvif([{ type: 'av01', data, properties: [config, ispe(60_000, 60_000)] }]);
    }),
    refused('a JPEG of 49 MP and 883 scans', 'image_too_complex', () => manyScans(SIDE, MAX_SCANS)),
    refused('a JPEG of 4,000,000 empty segments', 'image_too_complex', async () =>
      withParts(await jpeg(), 2, Buffer.of(0xff, 0xe5, 0, 2), 4_000_000),
    ),
    refused('an AVIF of 2,000,000 boxes', 'image_too_complex', async () => {
      const avif = await open(scene(64, 48)).avif({ effort: 0 }).toBuffer();
      return withParts(avif, avif.length, Buffer.from('\0\0\0\bfree', 'latin1'), 2_000_000);
    }),
  ])('is refused by its header: %s', expectBounded);
});

describe('an image whose header understates its size', () => {
  it.each<Row>([
    refused('an AVIF of 16 MP that claims 64 × 48', 'image_corrupt', async () => {
      const { data, config } = codedOf(await plain(4000, 4000, 'red').avif({ effort: 0 }).toBuffer());
      return makeAvif([{ type: 'av01', data, properties: [config, ispe(64, 48)] }]);
    }),
    refused('an AVIF of 255 × 255 tiles', 'image_corrupt', async () =>
      gridAvif(await tile(64), 64, 255, 255),
    ),
    refused('an AVIF whose grid contains itself', 'image_corrupt', () =>
      makeAvif([{ type: 'grid', data: Buffer.of(0, 0, 1, 1, 0, 64, 0, 64), properties: [ispe(64, 64)] }], {
        references: [['dimg', 1, 1, 1, 1, 1]],
      }),
    ),
    refused('a WebP that claims 8 × 8', 'image_corrupt', async () => withCanvas(await extendedWebp(), 8, 8)),
    refused('a JPEG with a second frame header', 'image_corrupt', async () => {
      const large = await plain(3000, 3000, 'red').jpeg().toBuffer();
      const small = await jpeg();
      const header = small.subarray(
        small.indexOf(Buffer.of(0xff, 0xc0)),
        small.indexOf(Buffer.of(0xff, 0xc4)),
      );
      const at = large.indexOf(Buffer.of(0xff, 0xc0));
      return Buffer.concat([large.subarray(0, at), header, large.subarray(at)]);
    }),
    refused('a PNG with a second header', 'image_corrupt', async () =>
      Buffer.concat([
        (await png()).subarray(0, 33),
        (await plain(3000, 3000, 'red').png().toBuffer()).subarray(8),
      ]),
    ),
    rendered('a PNG of 64 × 48 whose pixels inflate to 1 GiB', 10_000, 250, () =>
      makePng({ width: 64, height: 48 }, deflatedZeros(GIB)),
    ),
  ])('costs no more than its header claims: %s', expectBounded);
});

describe('an image at the limits', () => {
  it.each<Row>([
    rendered('49 MP of PNG, interlaced, 16 bits, with alpha', 25_000, 800, () =>
      makePng(
        { width: SIDE, height: SIDE, depth: 16, colour: 6, isInterlaced: true },
        // Eight bytes per pixel and a filter byte per line of each of the seven passes.
        deflatedZeros(SIDE * SIDE * 8 + SIDE * 2),
      ),
    ),
    rendered('49 MP of GIF', 15_000, 500, () =>
      makeGif({ width: SIDE, height: SIDE }, [{ width: SIDE, height: SIDE }]),
    ),
    rendered('49 MP of GIF in 500 frames', 20_000, 500, () => gifOf(500, { width: 313, height: 313 })),
    rendered('49 MP of JPEG in 100 scans', 25_000, 400, () => manyScans(SIDE, 100)),
    rendered('a PNG of 1,000,000 × 49', 10_000, 600, () =>
      makePng({ width: 1_000_000, height: 49, colour: 0 }, deflatedZeros(49 * 1_000_001)),
    ),
    rendered('a PNG of 1 × 65,535', 5000, 250, () =>
      makePng({ width: 1, height: 65_535, colour: 0 }, deflatedZeros(2 * 65_535)),
    ),
    rendered('a GIF of 65,535 × 1', 5000, 250, () =>
      makeGif({ width: 65_535, height: 1 }, [{ width: 65_535, height: 1 }]),
    ),
  ])('is rendered within time and memory: %s', expectBounded);
});

const text = (keyword: string, bytes: number) =>
  Buffer.concat([Buffer.from(`${keyword}\0\0`), deflatedZeros(bytes)]);
const chunks = (type: string, data: Buffer, count: number) => async () => {
  const whole = await png();
  const one = withChunk(whole, type, data).subarray(33, 33 + data.length + 12);
  return Buffer.concat([whole.subarray(0, 33), ...Array<Buffer>(count).fill(one), whole.subarray(33)]);
};
const segments = (marker: number, payloads: readonly Buffer[]) => async () =>
  payloads.reduceRight((whole, payload) => withSegment(whole, marker, payload), await jpeg());

/** EXIF whose entries each claim the whole block. */
const greedyExif = (bytes: number, count: number) => {
  const entries = Array.from({ length: count }, (_, i): ExifEntry => [i, 1, bytes, 8]);
  return makeExif(entries, Buffer.alloc(bytes - count * 12));
};

describe('a small image with hostile metadata', () => {
  it.each<Row>(
    [
      ['PNG text that inflates to 1 GiB', chunks('zTXt', text('Comment', GIB), 1)],
      ['900 PNG texts that inflate to 7 MiB each', chunks('zTXt', text('Comment', 7 * MIB), 900)],
      ['PNG international text that inflates to 1 GiB', chunks('iTXt', internationalText(), 1)],
      ['a PNG colour profile that inflates to 1 GiB', chunks('iCCP', text('p', GIB), 1)],
      ['100,000 PNG texts', chunks('tEXt', Buffer.from('Comment\0x'), 100_000)],
      ['100,000 private PNG chunks', chunks('prVt', Buffer.from('x'), 100_000)],
      ['EXIF in PNG that claims 350 MB from 64 KB', chunks('eXIf', greedyExif(65_000, 5400), 1)],
      ['EXIF in PNG that claims 20 GB from 4 MB', chunks('eXIf', greedyExif(4_000_000, 5400), 1)],
      [
        'EXIF in WebP that claims 20 GB from 4 MB',
        async () =>
          withWebpChunk(await open(scene(64, 48)).webp().toBuffer(), 'EXIF', greedyExif(4_000_000, 5400)),
      ],
      ['EXIF in JPEG that claims 350 MB from 64 KB', segments(0xe1, [exifSegment(greedyExif(65_000, 5400))])],
      ['19 MB of JPEG segments', segments(0xe5, Array(292).fill(Buffer.alloc(65_000, 1)))],
      ['2000 JPEG comments', segments(0xfe, Array(2000).fill(Buffer.of(65)))],
      ['a JPEG colour profile of 16 MB of garbage', segments(0xe2, iccParts(255))],
      [
        'a GIF comment of 15 MB',
        () =>
          makeGif({ width: 10, height: 10 }, [{ width: 10, height: 10 }], {
            extensions: [gifExtension(0xfe, Buffer.alloc(0), Buffer.alloc(15_000_000, 65))],
          }),
      ],
    ].map(([name, make]) => rendered(name as string, 15_000, 400, make as Bomb['make'])),
  )('is rendered within time and memory: %s', expectBounded);

  it.each<Row>([
    rendered('200 texts', 5000, 200, chunks('zTXt', text('Comment', 19 * MIB), 200)),
    rendered('200 labels', 5000, 200, chunks('zTXt', text('AIGC', 19 * MIB), 200)),
  ])('inflates at most 1 MiB of PNG texts of 19 MiB each: %s', expectBounded);
});

function internationalText(): Buffer {
  return Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0'), deflatedZeros(GIB)]);
}

function iccParts(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.of(i + 1, count), Buffer.alloc(65_000, 1)]),
  );
}
