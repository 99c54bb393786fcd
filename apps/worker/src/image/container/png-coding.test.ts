import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { filterRows } from '../encodings/filter-rows.js';
import { rowsLikePalette } from '../encodings/palette-rows.js';
import { pngFile } from '../encodings/png-file.js';
import { withBytes } from '../testing/file-bytes.js';
import { open, scene } from '../testing/pictures.js';
import { chunk, makePng } from '../testing/png.js';
import { readPngCoding } from './png-coding.js';

const codingOf = (png: Buffer) =>
  withBytes(png, (bytes) => {
    const coding = readPngCoding(bytes, (read) => read(bytes));
    return { ...coding, filters: coding.filters() };
  });

it('reads the filters of each row', async () => {
  const image = open(scene(24, 16));
  const filtered = codingOf(await image.clone().png({ adaptiveFiltering: true }).toBuffer());
  expect([filtered.type, filtered.depth, filtered.palette]).toEqual([2, 8, null]);
  expect(filtered.filters?.some((filter) => filter > 0)).toBe(true);
  const unfiltered = codingOf(await image.clone().png().toBuffer());
  expect(unfiltered.filters).toEqual(new Uint8Array(16));
});

it('reads the colours and the filters of a palette', () => {
  const colours = [0xff563412, 0x80563412, 0xff000000].map((colour) => colour | 0);
  const indexed = { colours, indexes: Uint8Array.of(0, 1, 2, 2, 1, 0) };
  const rows = rowsLikePalette({ width: 3, height: 2 }, indexed, { palette: colours, depth: 2 });
  const file = pngFile(rows, deflateSync(filterRows(rows, Uint8Array.of(0, 2))));
  expect(codingOf(file)).toEqual({ type: 3, depth: 2, palette: colours, filters: Uint8Array.of(0, 2) });
});

it('reads at most 256 colours', () => {
  const png = makePng({ width: 1, height: 1, colour: 3 }, deflateSync(Buffer.alloc(2)));
  const long = Buffer.concat([
    png.subarray(0, 33),
    chunk('PLTE', Buffer.alloc(3_000_000)),
    chunk('PLTE', Buffer.alloc(3)),
    png.subarray(33),
  ]);
  expect(codingOf(long).palette).toEqual(Array.from({ length: 256 }, () => 0xff << 24));
});

it('reads no palette that is only suggested', () => {
  const png = makePng({ width: 1, height: 1 }, deflateSync(Buffer.alloc(4)));
  const suggested = Buffer.concat([png.subarray(0, 33), chunk('PLTE', Buffer.alloc(3)), png.subarray(33)]);
  expect(codingOf(suggested).palette).toBeNull();
});

it('reads no filters of interlaced rows', async () => {
  const interlaced = open(scene(24, 16)).png({ progressive: true });
  expect(codingOf(await interlaced.toBuffer()).filters).toBeNull();
});

it('reads no filters of rows that are not as long as the header says', () => {
  const withRows = (bytes: number) =>
    codingOf(makePng({ width: 10, height: 10 }, deflateSync(Buffer.alloc(bytes)))).filters;
  expect([309, 310, 311].map((bytes) => withRows(bytes)?.length)).toEqual([undefined, 10, undefined]);
});
