import { inflateSync } from 'node:zlib';
import type { FileBytes } from './bytes.js';
import { pngChunks } from './png.js';

/** How a PNG stores 8-bit samples. */
export interface PngRows {
  channels: 1 | 2 | 3 | 4;
  /** The filter type of each row (PNG 3rd edition, 9.2). */
  filters: Uint8Array;
}

/** Channels of each colour type without a palette (PNG 3rd edition, 11.2.1). */
const CHANNELS: Readonly<Record<number, PngRows['channels']>> = { 0: 1, 2: 3, 4: 2, 6: 4 };
const FILTERS = 5;
/** Bounds the memory. */
const MAX_BYTES = 32 * 1024 * 1024;
const IHDR = 16;

/** Null for a palette, another depth, interlacing or a large image. */
export function readRows(bytes: FileBytes): PngRows | null {
  const [width, height] = [bytes.number(IHDR, 4), bytes.number(IHDR + 4, 4)];
  const channels = CHANNELS[bytes.at(IHDR + 9) ?? -1];
  if (channels === undefined || bytes.at(IHDR + 8) !== 8 || bytes.at(IHDR + 12) !== 0) return null;
  const stride = width * channels + 1;
  if (stride * height > MAX_BYTES) return null;
  const rows = inflate(imageData(bytes), stride * height);
  if (rows === null) return null;
  return {
    channels,
    filters: Uint8Array.from({ length: height }, (_, row) => (rows[row * stride] ?? 0) % FILTERS),
  };
}

/** FLEVEL of a zlib stream whose compressor searched longest (RFC 1950, 2.2). */
const SLOWEST = 3;

/** Whether a PNG states that its compressor searched longest, as optimizers do. */
export function isSlowlyDeflated(bytes: FileBytes): boolean {
  for (const { type, start } of pngChunks(bytes))
    if (type === 'IDAT') return (bytes.at(start + 1) ?? 0) >> 6 === SLOWEST;
  return false;
}

function imageData(bytes: FileBytes): Buffer {
  const parts: Buffer[] = [];
  for (const { type, start, length } of pngChunks(bytes))
    if (type === 'IDAT') parts.push(bytes.slice(start, length));
  return Buffer.concat(parts);
}

/** Null for more data than the header declares, which the decoder accepts. */
function inflate(data: Buffer, bytes: number): Buffer | null {
  try {
    const rows = inflateSync(data, { maxOutputLength: bytes });
    return rows.length === bytes ? rows : null;
  } catch {
    return null;
  }
}
