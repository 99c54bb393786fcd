import { deflateSync } from 'node:zlib';
import { chunk } from '../colour/png-profile.js';

export { chunk, withChunk, withProfile as pngWithIcc } from '../colour/png-profile.js';

export interface PngHeader {
  width: number;
  height: number;
  /** Bits per sample. */
  depth?: 1 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 6 RGB with alpha. */
  colour?: 0 | 2 | 3 | 6;
  isInterlaced?: boolean;
}

/** Makes a PNG from a header and the zlib streams of its pixels. */
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

/** Makes a PNG of a hundred bytes that claims this size. */
export const pngHeader = (width: number, height: number): Buffer =>
  makePng({ width, height }, deflateSync(Buffer.alloc(1000)));
