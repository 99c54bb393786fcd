import { deflateSync } from 'node:zlib';
import { chunk } from '../colour/png-profile.js';

export { chunk, underProfile as pngWithIcc, withChunk } from '../colour/png-profile.js';

interface PngHeader {
  width: number;
  height: number;
  /** Bits of a sample. */
  depth?: 8 | 16;
  /** 0 grey, 2 RGB, 6 RGB with alpha. */
  colour?: 0 | 2 | 6;
  isInterlaced?: boolean;
}

/** A PNG of this header, whose pixels are whatever zlib streams it is given. */
export function makePng(
  { width, height, depth = 8, colour = 2, isInterlaced = false }: PngHeader,
  ...data: readonly Buffer[]
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, Number(isInterlaced)], 8);
  const parts = data.map((part) => chunk('IDAT', part));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...parts,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG that claims to be so large, in a hundred bytes. */
export const pngHeader = (width: number, height: number): Buffer =>
  makePng({ width, height }, deflateSync(Buffer.alloc(1000)));
