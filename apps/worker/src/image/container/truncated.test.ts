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

it('accepts a GIF that lacks only its trailer', async () => {
  const file = await encoded('gif');
  expect(truncated(file.subarray(0, -1), 'gif')).toBe(false);
});

function box(type: string, content = 8, size = content + 8): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(size);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, Buffer.alloc(content)]);
}

const AVIF = [box('ftyp'), box('meta')];
it.each([
  ['whole boxes', [...AVIF, box('mdat')], false],
  ['a box to the end of the file', [...AVIF, box('mdat', 8, 0)], false],
  ['data that is cut', [...AVIF, box('mdat', 8, 100)], true],
  ['no data', [box('ftyp'), box('meta', 8, 100)], true],
  ['stray bytes after the data', [...AVIF, box('mdat'), box('junk', 8, 100)], false],
  ['a second box of data that is cut', [...AVIF, box('mdat'), box('mdat', 8, 100)], true],
  ['a box that is smaller than its header', [...AVIF, box('free', 8, 4)], false],
])('judges an AVIF with %s', (_, boxes, expected) => {
  expect(truncated(Buffer.concat(boxes), 'avif')).toBe(expected);
});
