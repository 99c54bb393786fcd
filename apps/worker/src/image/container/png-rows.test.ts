import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { open, scene } from '../testing/pictures.js';
import { makePng } from '../testing/png.js';
import { readRows } from './png-rows.js';

const rowsOf = (png: Buffer) => withBytes(png, readRows);

it('reads the filters of 8-bit samples', async () => {
  const image = open(scene(24, 16));
  const filtered = rowsOf(await image.clone().png({ adaptiveFiltering: true }).toBuffer());
  expect(filtered?.channels).toBe(3);
  expect(filtered?.filters.some((filter) => filter > 0)).toBe(true);
  expect(rowsOf(await image.clone().png().toBuffer())).toEqual({
    channels: 3,
    filters: new Uint8Array(16),
  });
});

it('reads no filters of a palette, 16 bits or interlaced rows', async () => {
  const image = open(scene(24, 16));
  const others = [
    image.clone().png({ palette: true }),
    image.clone().toColourspace('rgb16').png(),
    image.clone().png({ progressive: true }),
  ];
  for (const other of others) expect(rowsOf(await other.toBuffer())).toBeNull();
});

it('reads no filters of rows that are not as long as the header says', () => {
  const withRows = (bytes: number) =>
    rowsOf(makePng({ width: 10, height: 10 }, deflateSync(Buffer.alloc(bytes))));
  expect([309, 310, 311].map((bytes) => withRows(bytes)?.filters.length)).toEqual([undefined, 10, undefined]);
});
