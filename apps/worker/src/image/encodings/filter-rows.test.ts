import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';
import { readPngCoding } from '../container/png-coding.js';
import { openStrip, type Strip } from '../frames.js';
import { withBytes } from '../testing/file-bytes.js';
import { generator } from '../testing/pictures.js';
import { deflate } from './deflate.js';
import { filterRows } from './filter-rows.js';
import { pngFile } from './png-file.js';
import { PNG_TYPE, plainRows } from './png-rows.js';

function noise(channels: Strip['channels']): Strip {
  const size = { width: 13, height: 11 };
  const random = generator(channels);
  const pixels = Buffer.from(
    Array.from({ length: size.width * size.height * channels }, () => Math.floor(random() * 256)),
  );
  return { pixels, size, channels, frames: 1 };
}

it.each([1, 2, 3, 4] as const)('filters rows of %i channels without a change of pixels', async (channels) => {
  const strip = noise(channels);
  const filters = Uint8Array.from({ length: strip.size.height }, (_, row) => row % 5);
  const rows = plainRows(strip, PNG_TYPE.rgba);
  const file = pngFile(rows, deflate(filterRows(rows, filters), 6));
  const {
    type,
    depth,
    palette,
    filters: read,
  } = withBytes(file, (bytes) => {
    const coding = readPngCoding(bytes, (again) => again(bytes));
    return { ...coding, filters: coding.filters() };
  });
  expect({ type, depth, palette, read }).toEqual({ type: rows.type, depth: 8, palette: null, read: filters });
  expect((await rgba(sharp(file))).equals(await rgba(openStrip(strip)))).toBe(true);
});

const rgba = (image: Sharp) => image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
