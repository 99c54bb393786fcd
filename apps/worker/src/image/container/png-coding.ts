import { inflateSync } from 'node:zlib';
import type { FileBytes } from './bytes.js';
import { pngChunks } from './png.js';

/** How a PNG stores its pixels. */
export interface PngCoding {
  type: number;
  depth: number;
  /** The colours of the palette, packed as red | green << 8 | blue << 16 | alpha << 24; null for other types, which may suggest one. */
  palette: readonly number[] | null;
  /** The filter type of each row (PNG 3rd edition, 9.2); null for interlacing, a large image or other data. Decompresses the file. */
  filters(): Uint8Array | null;
}

/** Samples of each colour type (PNG 3rd edition, 11.2.1). */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PALETTE = 3;
const FILTERS = 5;
const MAX_COLOURS = 256;
/** Bounds the memory. */
const MAX_BYTES = 32 * 1024 * 1024;
const IHDR = 16;

/** @param open opens the file again for `filters` */
export function readPngCoding(bytes: FileBytes, open: <T>(read: (bytes: FileBytes) => T) => T): PngCoding {
  const type = bytes.at(IHDR + 9) ?? -1;
  const depth = bytes.at(IHDR + 8) ?? -1;
  return {
    type,
    depth,
    palette: type === PALETTE ? readPalette(bytes) : null,
    filters: () => open((file) => readFilters(file, type, depth)),
  };
}

function readFilters(bytes: FileBytes, type: number, depth: number): Uint8Array | null {
  const [width, height] = [bytes.number(IHDR, 4), bytes.number(IHDR + 4, 4)];
  const stride = Math.ceil((width * (SAMPLES[type] ?? Number.NaN) * depth) / 8) + 1;
  if (!(stride * height <= MAX_BYTES) || bytes.at(IHDR + 12) !== 0) return null;
  const rows = inflate(imageData(bytes), stride * height);
  if (rows === null) return null;
  return Uint8Array.from({ length: height }, (_, row) => (rows[row * stride] ?? 0) % FILTERS);
}

function readPalette(bytes: FileBytes): number[] | null {
  let colours: Buffer | null = null;
  let alphas: Buffer = Buffer.alloc(0);
  for (const { type, start, length } of pngChunks(bytes)) {
    if (type === 'PLTE') colours ??= bytes.slice(start, Math.min(length, MAX_COLOURS * 3));
    if (type === 'tRNS') alphas = bytes.slice(start, Math.min(length, MAX_COLOURS));
    if (type === 'IDAT') break;
  }
  if (colours === null) return null;
  const rgb = colours;
  return Array.from(
    { length: Math.floor(rgb.length / 3) },
    (_, i) => rgb.readUIntLE(i * 3, 3) | ((alphas[i] ?? 255) << 24),
  );
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
