import { constants, deflateRawSync } from 'node:zlib';

const PIECE_BYTES = 1024 * 1024;

/** Makes a zlib stream (RFC 1950) of zeros without allocating them: about 1 KiB for each MiB. */
export function deflatedZeros(bytes: number): Buffer {
  const piece = deflateRawSync(Buffer.alloc(PIECE_BYTES), { finishFlush: constants.Z_FULL_FLUSH });
  const pieces = Array<Buffer>(Math.floor(bytes / PIECE_BYTES)).fill(piece);
  const rest = deflateRawSync(Buffer.alloc(bytes % PIECE_BYTES));
  const adler = Buffer.alloc(4);
  // For zeros, the low sum of Adler-32 stays 1 and the high sum counts them.
  adler.writeUInt16BE(bytes % 65_521, 0);
  adler.writeUInt16BE(1, 2);
  return Buffer.concat([Buffer.of(0x78, 0x9c), ...pieces, rest, adler]);
}
