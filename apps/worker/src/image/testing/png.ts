import { crc32, deflateSync } from 'node:zlib';

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

export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

const AFTER_IHDR = 33;

/** A PNG with one more chunk before its pixels. */
export const withChunk = (png: Buffer, type: string, data: Buffer) =>
  Buffer.concat([png.subarray(0, AFTER_IHDR), chunk(type, data), png.subarray(AFTER_IHDR)]);

export const pngWithIcc = (png: Buffer, profile: Buffer) =>
  withChunk(png, 'iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(profile)]));

/** A PNG that claims to be so large, in a hundred bytes. */
export const pngHeader = (width: number, height: number): Buffer =>
  makePng({ width, height }, deflateSync(Buffer.alloc(1000)));
