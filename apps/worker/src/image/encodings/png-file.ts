import { chunk } from '../colour/png-profile.js';
import type { Size } from '../geometry.js';

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** PNG 3rd edition, 11.2.1. */
export const COLOUR_TYPE = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 };

/** A PNG of filtered rows (`idat` is their zlib stream), with `chunks` before them. */
export function pngFile(size: Size, depth: number, type: number, chunks: Buffer[], idat: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size.width, 0);
  header.writeUInt32BE(size.height, 4);
  header.set([depth, type, 0, 0, 0], 8);
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    ...chunks,
    chunk('IDAT', idat),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
