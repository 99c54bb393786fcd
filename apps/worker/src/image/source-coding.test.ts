import type { ImageFormat } from '@pixdock/contract/media-type';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readCoding, type SourceCoding } from './source-coding.js';
import { withBytes } from './testing/file-bytes.js';
import { animation, coloured, generator, open, type Pixels, plain } from './testing/pictures.js';
import { withWebpChunk } from './testing/webp.js';

/** Smooth colours with a little noise, as in a photograph. */
function photo(): Pixels {
  const random = generator(7);
  const [width, height] = [96, 64];
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < data.length; i++)
    data[i] = 128 + 90 * Math.sin(i / 900 + (i % 3)) + Math.floor(random() * 16);
  return { data, width, height, channels: 3 };
}

async function codingOf(file: Buffer, format: ImageFormat): Promise<SourceCoding> {
  const metadata = await sharp(file).metadata();
  return withBytes(file, (bytes) => readCoding(bytes, format, metadata));
}

it.each([35, 50, 75, 82, 90, 95])('estimates the quality of a JPEG of quality %i', async (quality) => {
  for (const options of [{}, { progressive: true }, { chromaSubsampling: '4:4:4' }])
    expect(
      (
        await codingOf(
          await open(photo())
            .jpeg({ quality, ...options })
            .toBuffer(),
          'jpeg',
        )
      ).quality,
    ).toBe(quality);
  const grey = await open(photo()).toColourspace('b-w').jpeg({ quality }).toBuffer();
  expect((await codingOf(grey, 'jpeg')).quality).toBe(quality);
});

it('estimates a lower quality by the low frequencies where they are coarser than the others', async () => {
  const coding = async (quantisationTable: number) => {
    const { quality, lowQuality } = await codingOf(
      await open(photo()).jpeg({ quality: 50, quantisationTable }).toBuffer(),
      'jpeg',
    );
    return [quality, lowQuality];
  };
  const [STANDARD, ALL_16] = [0, 1];
  expect([await coding(STANDARD), await coding(ALL_16)]).toEqual([
    [50, 50],
    [89, 75],
  ]);
});

it.each([60, 75, 80, 90])('estimates the quality of a lossy WebP of quality %i', async (quality) => {
  const { quality: estimated, isLossless } = await codingOf(
    await open(photo()).webp({ quality }).toBuffer(),
    'webp',
  );
  expect(Math.abs((estimated ?? 0) - quality)).toBeLessThanOrEqual(5);
  expect(isLossless).toBe(false);
});

it('takes the quality of a WebP from its finest segment, if the coarsest would lose its detail', async () => {
  const lossy = await open(photo()).webp().toBuffer();
  const quality = async (...quantizers: number[]) => {
    const file = Buffer.from(lossy);
    quantizerHeader(quantizers).copy(file, file.indexOf('VP8 ') + 8 + 10);
    return (await codingOf(file, 'webp')).quality;
  };
  // The segments of libwebp at quality 75, and others.
  expect(await quality(36, 32, 27, 16)).toBe(75);
  expect(await quality(100, 90, 80, 6)).toBe(89);
});

/** The first fields of a VP8 frame, up to the absolute quantizers of its segments (RFC 6386 7.3 and 9.3). */
function quantizerHeader(quantizers: readonly number[]): Buffer {
  const bits = (value: number, count: number) => value.toString(2).padStart(count, '0');
  const fields = ['00', '1', '0', '1', '1', ...quantizers.map((value) => `1${bits(value, 7)}0`)].join('');
  let [bottom, range, length] = [0n, 255, 8];
  for (const bit of fields) {
    const split = 1 + ((range - 1) >> 1);
    if (bit === '1') bottom += BigInt(split);
    range = bit === '1' ? range - split : split;
    for (; range < 128; range <<= 1, length++) bottom <<= 1n;
  }
  return Buffer.from(
    bottom
      .toString(2)
      .padStart(length, '0')
      .padEnd(96, '0')
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [],
  );
}

it('reads the coding of a JPEG', async () => {
  const coding = async (options: object) => codingOf(await open(photo()).jpeg(options).toBuffer(), 'jpeg');
  expect(await coding({ optimiseCoding: false })).toMatchObject({
    isLossless: false,
    isProgressive: false,
    isOptimized: false,
    hasFullChroma: false,
    isGrey: false,
  });
  expect(await coding({ optimiseCoding: true })).toMatchObject({ isOptimized: true });
  expect(await coding({ progressive: true, chromaSubsampling: '4:4:4' })).toMatchObject({
    isProgressive: true,
    hasFullChroma: true,
  });
});

it('recognizes a lossless WebP in every container', async () => {
  const still = await open(photo()).webp({ lossless: true }).toBuffer();
  const lossy = await open(photo()).webp().toBuffer();
  const clear = await plain(8, 8, '#ff0000').ensureAlpha(0.5).webp({ lossless: true }).toBuffer();
  const extended = await open(photo())
    .keepIccProfile()
    .withExif({ IFD0: { Artist: 'a' } })
    .webp({ lossless: true })
    .toBuffer();
  const moving = await animation(
    coloured(9, 7, [
      [200, 0, 0],
      [0, 200, 0],
    ]),
  );
  const frames = await moving.webp({ lossless: true }).toBuffer();
  const lossyFrames = await (
    await animation([photo(), { ...photo(), data: photo().data.toReversed() as Buffer }])
  )
    .webp()
    .toBuffer();
  for (const file of [still, clear, extended, frames])
    expect(await codingOf(file, 'webp')).toMatchObject({ isLossless: true, quality: null });
  for (const file of [lossy, withWebpChunk(lossy, 'EXIF', Buffer.from('II*\0')), lossyFrames])
    expect((await codingOf(file, 'webp')).isLossless).toBe(false);
});

it('treats PNG and GIF as lossless and AVIF as lossy', async () => {
  expect((await codingOf(await open(photo()).png().toBuffer(), 'png')).isLossless).toBe(true);
  expect((await codingOf(await open(photo()).gif().toBuffer(), 'gif')).isLossless).toBe(true);
  expect((await codingOf(await open(photo()).avif({ effort: 0 }).toBuffer(), 'avif')).isLossless).toBe(false);
});

it.each(['jpeg', 'webp'] as const)('never underestimates a %s whose tables end early', async (format) => {
  const file = await open(photo()).toFormat(format, { quality: 80 }).toBuffer();
  const metadata = await sharp(file).metadata();
  const coding = (cut: number) =>
    withBytes(file.subarray(0, cut), (bytes) => readCoding(bytes, format, metadata));
  const whole = coding(file.length);
  expect(whole.quality).toBe(80);
  for (let cut = 2; cut < 700; cut += 13) {
    const { quality } = coding(cut);
    if (quality !== null) expect(quality).toBeGreaterThanOrEqual(80);
    expect(quality ?? 100).toBeLessThanOrEqual(100);
  }
  // All tables are there.
  expect(coding(700)).toEqual({ ...whole, bytes: 700 });
});
