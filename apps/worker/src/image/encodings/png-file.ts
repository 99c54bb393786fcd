import { chunk } from '../colour/png-profile.js';
import type { PngRows } from './png-rows.js';

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** @param idat the zlib stream of the filtered rows */
export function pngFile({ size, depth, type, chunks }: PngRows, idat: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size.width, 0);
  header.writeUInt32BE(size.height, 4);
  header.set([depth, type, 0, 0, 0], 8);
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    ...chunks,
    chunk('IDAT', Buffer.from(idat.buffer, idat.byteOffset, idat.length)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
