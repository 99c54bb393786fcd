import { inflateSync } from 'node:zlib';
import type { FileBytes } from './bytes.js';
import { pngChunks } from './png.js';

/** The pixels of a PNG as its encoder arranged and filtered them. */
export interface PngRows {
  width: number;
  height: number;
  depth: number;
  type: number;
  isInterlaced: boolean;
  /** Each row after its filter type (PNG 3rd edition, 9.2), or each row of the seven passes. */
  filtered: Buffer;
  /** Packed as red | green << 8 | blue << 16 | alpha << 24; null for other types, which may suggest a palette. */
  palette: readonly number[] | null;
  /** The samples of the transparent colour of grey or RGB; null without one. */
  transparent: readonly number[] | null;
  /** Whether the compressor states that it searched longest, as that of an optimizer does (RFC 1950, 2.2). */
  isOptimized: boolean;
}

const PALETTE = 3;
/** Samples of each colour type (PNG 3rd edition, 11.2.1). */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, [PALETTE]: 1, 4: 2, 6: 4 };
/** Bytes of tRNS for grey and RGB, where it names one transparent colour. */
const KEY_BYTES: Readonly<Record<number, number>> = { 0: 2, 2: 6 };
const MAX_COLOURS = 256;
/** FLEVEL of a zlib stream. */
const SLOWEST = 3;
/** Bounds the memory; 2560 × 2560 RGBA pixels have 26 MB. */
const MAX_BYTES = 32 * 1024 * 1024;
const IHDR = 16;

/** Null for 16 bits per sample, for a large image, and if the rows have more or fewer bytes than the header says, which decoders accept. */
export function readPngRows(bytes: FileBytes): PngRows | null {
  const [width, height] = [bytes.number(IHDR, 4), bytes.number(IHDR + 4, 4)];
  const [depth = 0, type = 0, , , interlace] = [8, 9, 10, 11, 12].map((at) => bytes.at(IHDR + at));
  const isInterlaced = interlace === 1;
  const length = rowBytes(width, height, depth * (SAMPLES[type] ?? Number.NaN), isInterlaced);
  if (depth > 8 || !(length <= MAX_BYTES)) return null;
  const data = chunkData(bytes, 'IDAT');
  const filtered = inflate(data, length);
  if (filtered === null) return null;
  const key = chunkData(bytes, 'tRNS');
  return {
    width,
    height,
    depth,
    type,
    isInterlaced,
    filtered,
    palette: type === PALETTE ? packed(chunkData(bytes, 'PLTE'), key) : null,
    transparent: key.length === KEY_BYTES[type] ? [...key].filter((_, i) => i % 2 === 1) : null,
    isOptimized: (data[1] ?? 0) >> 6 === SLOWEST,
  };
}

/** First column and row of each pass, and the steps to the next (PNG 3rd edition, 8.1). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

function rowBytes(width: number, height: number, bits: number, isInterlaced: boolean): number {
  return (isInterlaced ? PASSES : WHOLE).reduce((sum, [left, top, across, down]) => {
    const columns = Math.ceil((width - left) / across);
    const rows = Math.ceil((height - top) / down);
    return columns > 0 && rows > 0 ? sum + rows * (1 + Math.ceil((columns * bits) / 8)) : sum;
  }, 0);
}

/** All chunks of the type together. The decoder refuses a second palette. */
function chunkData(bytes: FileBytes, wanted: string): Buffer {
  const parts: Buffer[] = [];
  for (const { type, start, length } of pngChunks(bytes))
    if (type === wanted) parts.push(bytes.slice(start, length));
  return Buffer.concat(parts);
}

function inflate(data: Buffer, bytes: number): Buffer | null {
  try {
    const rows = inflateSync(data, { maxOutputLength: bytes });
    return rows.length === bytes ? rows : null;
  } catch {
    return null;
  }
}

const packed = (colours: Buffer, alphas: Buffer) =>
  Array.from(
    { length: Math.min(MAX_COLOURS, Math.floor(colours.length / 3)) },
    (_, i) => colours.readUIntLE(i * 3, 3) | ((alphas[i] ?? 255) << 24),
  );
