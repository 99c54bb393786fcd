import { expect, it } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { open, scene } from '../testing/pictures.js';
import { isTruncated } from './truncated.js';

type Format = Parameters<typeof isTruncated>[1];
const truncated = (file: Buffer, format: Format) => withBytes(file, (bytes) => isTruncated(bytes, format));
const encoded = (format: 'jpeg' | 'png' | 'gif' | 'webp') => open(scene(64, 64)).toFormat(format).toBuffer();

it.each(['jpeg', 'png', 'gif', 'webp'] as const)('finds the missing end of a %s', async (format) => {
  const file = await encoded(format);
  expect(truncated(file, format)).toBe(false);
  expect(truncated(file.subarray(0, file.length >> 1), format)).toBe(true);
});

it('finds a missing last byte of a WebP', async () => {
  expect(truncated((await encoded('webp')).subarray(0, -1), 'webp')).toBe(true);
});

it('accepts a GIF that lacks only its trailer, and ends with an image', async () => {
  const file = (await encoded('gif')).subarray(0, -1);
  expect(truncated(file, 'gif')).toBe(false);
  const comment = Buffer.from('21fe016100', 'hex');
  expect(truncated(Buffer.concat([file, comment]), 'gif')).toBe(true);
});

function box(type: string, content = 8, size = content + 8): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(size);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, Buffer.alloc(content)]);
}

/** A box with a 64-bit size. */
function largeBox(type: string, size: bigint): Buffer {
  const large = box(type, 16, 1);
  large.writeBigUInt64BE(size, 8);
  return large;
}

const AVIF = [box('ftyp'), box('meta')];
const FREE = Array.from({ length: 1000 }, () => box('free', 0));
it.each([
  ['whole boxes', [...AVIF, box('mdat')], false],
  ['a box to the end of the file', [...AVIF, box('mdat', 8, 0)], false],
  ['data that is cut', [...AVIF, box('mdat', 8, 100)], true],
  ['no data', [box('ftyp'), box('meta', 8, 100)], true],
  ['stray bytes after the data', [...AVIF, box('mdat'), box('junk', 8, 100)], false],
  ['a second box of data that is cut', [...AVIF, box('mdat'), box('mdat', 8, 100)], true],
  ['a box that is smaller than its header', [...AVIF, box('free', 8, 4), box('mdat', 8, 100)], false],
  ['a 64-bit size', [...AVIF, largeBox('mdat', 24n)], false],
  ['data of a 64-bit size that is cut', [...AVIF, largeBox('mdat', 25n)], true],
  ['data of more than 4 GiB that is cut', [...AVIF, largeBox('mdat', 2n ** 32n + 24n)], true],
  ['an unknown box before the data that is cut', [...AVIF, box('free', 8, 100)], true],
  ['a description after the data that is cut', [box('ftyp'), box('mdat'), box('meta', 8, 100)], true],
  ['a header that is cut', [...AVIF, Buffer.from([0, 0, 0])], true],
  ['a box to the end of the file, and more boxes in it', [box('ftyp', 8, 0), box('mdat', 8, 100)], false],
  ['more than a thousand boxes, which are not read', [...AVIF, ...FREE, box('mdat', 8, 100)], false],
])('judges an AVIF with %s', (_, boxes, expected) => {
  expect(truncated(Buffer.concat(boxes), 'avif')).toBe(expected);
});
