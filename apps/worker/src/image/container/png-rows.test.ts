import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { open, scene } from '../testing/pictures.js';
import { chunk, makePng, withChunk } from '../testing/png.js';
import { readPngRows } from './png-rows.js';

const rowsOf = (png: Buffer) => withBytes(png, readPngRows);

it('reads the filtered rows', () => {
  const filtered = Buffer.of(1, 7, 7, 7, 2, 9, 9, 9);
  const png = makePng({ width: 1, height: 2 }, deflateSync(filtered));
  expect(rowsOf(png)).toEqual({
    width: 1,
    height: 2,
    depth: 8,
    type: 2,
    isInterlaced: false,
    filtered,
    palette: null,
    transparent: null,
    isOptimized: false,
  });
});

it.each([
  [1, 24, 16],
  [3, 5, 3],
  [8, 1, 1],
])('reads the rows of all passes of an interlaced image, %i × %i × %i', async (_, width, height) => {
  const png = await open(scene(width, height)).png({ progressive: true }).toBuffer();
  expect(rowsOf(png)).toMatchObject({ isInterlaced: true });
});

it('reads at most 256 colours', () => {
  const png = makePng({ width: 1, height: 1, colour: 3 }, deflateSync(Buffer.alloc(2)));
  const long = withChunk(png, 'PLTE', Buffer.alloc(3_000_000));
  expect(rowsOf(long)?.palette).toEqual(Array.from({ length: 256 }, () => 0xff << 24));
});

it('reads no palette that is only suggested', () => {
  const png = makePng({ width: 1, height: 1 }, deflateSync(Buffer.alloc(4)));
  expect(rowsOf(withChunk(png, 'PLTE', Buffer.alloc(3)))?.palette).toBeNull();
});

it('reads the transparent colour of a type without alpha', () => {
  const key = (colour: 2 | 6, bytes: number) => {
    const png = makePng({ width: 1, height: 1, colour }, deflateSync(Buffer.alloc(colour === 2 ? 4 : 5)));
    return rowsOf(withChunk(png, 'tRNS', Buffer.from([...Array(bytes).keys()])))?.transparent;
  };
  expect([key(2, 6), key(2, 5), key(6, 6)]).toEqual([[1, 3, 5], null, null]);
});

it.each([1, 6, 9])('reads that the compressor searched longest only from level 9: %i', (level) => {
  const png = makePng({ width: 1, height: 1 }, deflateSync(Buffer.alloc(4), { level }));
  expect(rowsOf(png)?.isOptimized).toBe(level === 9);
});

it('reads no rows that are not as long as the header says', () => {
  const withRows = (bytes: number) =>
    rowsOf(makePng({ width: 10, height: 10 }, deflateSync(Buffer.alloc(bytes))))?.filtered.length;
  expect([309, 310, 311].map(withRows)).toEqual([undefined, 310, undefined]);
});

it('reads no rows of 16 bits per sample, of an unknown type, or of more than 32 MiB', () => {
  const read = (header: { width: number; depth?: 16; colour?: 0 | 3 }, bytes: number) =>
    rowsOf(makePng({ height: 1, ...header }, deflateSync(Buffer.alloc(bytes))))?.filtered.length;
  expect(read({ width: 1, depth: 16 }, 7)).toBeUndefined();
  expect(read({ width: 1, colour: 5 as 3 }, 4)).toBeUndefined();
  const most = 32 * 1024 * 1024;
  expect(read({ width: most - 1, colour: 0 }, most)).toBe(most);
  expect(read({ width: most, colour: 0 }, most + 1)).toBeUndefined();
});

it('reads pixels in several chunks', () => {
  const data = deflateSync(Buffer.of(0, 1, 2, 3));
  const png = makePng({ width: 1, height: 1 }, data.subarray(0, 5), data.subarray(5));
  expect(png.includes(chunk('IDAT', data.subarray(5)))).toBe(true);
  expect(rowsOf(png)?.filtered).toEqual(Buffer.of(0, 1, 2, 3));
});
