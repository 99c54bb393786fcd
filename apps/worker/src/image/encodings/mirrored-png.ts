import { readFile } from 'node:fs/promises';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import type { Strip } from '../frames.js';
import { type Indexed, toGrey } from './content.js';
import { COLOUR_TYPE, packRows, paletteChunks, pngFile } from './indexed-png.js';

/** Bounds the memory: the rows of the source and ours are held at once. */
const MAX_BYTES = 32 * 1024 * 1024;

interface Layout {
  depth: number;
  type: number;
  /** Packed as in `Indexed`. */
  palette: number[];
  /** The filter type of each row. */
  filters: Uint8Array;
}

/**
 * Encodes the pixels with the source's colour type, palette order and row filters. An optimizer has searched for them, so
 * the result comes close to its size. Empty when the pixels do not fit this layout.
 */
export async function mirroredPngs(path: string, strip: Strip, indexed: Indexed | null): Promise<Buffer[]> {
  if (strip.pixels.length > MAX_BYTES) return [];
  const layout = readLayout(await readFile(path), strip);
  if (layout === null) return [];
  const { depth, type, palette, filters } = layout;
  const isPalette = type === COLOUR_TYPE.palette;
  const raw = isPalette ? paletteRows(strip, indexed, layout) : directRows(strip, layout);
  if (raw === null) return [];
  const filtered = applyFilters(raw.rows, strip.size.height, raw.pixelBytes, filters);
  const chunks = isPalette ? paletteChunks(palette) : [];
  return (filtered.length > SMALL_BYTES ? STRATEGIES.slice(0, 1) : STRATEGIES).map((strategy) =>
    pngFile(strip.size, depth, type, chunks, deflateSync(filtered, { level: 9, memLevel: 9, strategy })),
  );
}

/** zlib's strategies for filtered data differ by 2 %, in either direction. */
const STRATEGIES = [constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED];
const SMALL_BYTES = 256 * 1024;

/** Channels of each colour type (PNG 3rd edition, 11.2.1). */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function readLayout(png: Buffer, { size }: Strip): Layout | null {
  const [header, palette, transparency, data] = [
    collect(png, 'IHDR'),
    collect(png, 'PLTE'),
    collect(png, 'tRNS'),
    collect(png, 'IDAT'),
  ];
  const [depth = 0, type = 0, , , interlace = 0] = header.subarray(8);
  const channels = CHANNELS[type];
  if (channels === undefined || interlace !== 0 || depth > 8) return null;
  if (header.readUInt32BE(0) !== size.width || header.readUInt32BE(4) !== size.height) return null;
  // PNG forbids more colours than the depth can index, although decoders ignore the rest.
  if (palette.length / 3 > 2 ** depth) return null;
  const stride = Math.ceil((size.width * channels * depth) / 8) + 1;
  const rows = inflate(data, stride * size.height);
  if (rows === null) return null;
  const filters = Uint8Array.from({ length: size.height }, (_, row) => rows[row * stride] ?? 0);
  const colours = Array.from(
    { length: palette.length / 3 },
    (_, i) => palette.readUIntLE(i * 3, 3) | ((transparency[i] ?? 255) << 24),
  );
  return { depth, type, palette: colours, filters };
}

/** The data of all chunks of this type. */
function collect(png: Buffer, type: string): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === type) parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return Buffer.concat(parts);
}

function inflate(data: Buffer, bytes: number): Buffer | null {
  try {
    const rows = inflateSync(data, { maxOutputLength: bytes });
    return rows.length === bytes ? rows : null;
  } catch {
    // The decoder accepts more rows than the header declares.
    return null;
  }
}

interface Rows {
  rows: Buffer;
  /** The distance to the left neighbour that filters use. */
  pixelBytes: number;
}

function paletteRows({ size }: Strip, indexed: Indexed | null, { depth, palette }: Layout): Rows | null {
  if (indexed === null) return null;
  const samples = new Uint8Array(256);
  for (const [index, colour] of indexed.colours.entries()) {
    const sample = palette.indexOf(colour);
    if (sample === -1) return null;
    samples[index] = sample;
  }
  return { rows: packRows(size, indexed.indexes, samples, depth), pixelBytes: 1 };
}

function directRows(strip: Strip, { depth, type }: Layout): Rows | null {
  const channels = CHANNELS[type];
  const kept = channels === strip.channels ? strip : toGrey(strip);
  if (depth !== 8 || kept === null || kept.channels !== channels) return null;
  const { width, height } = kept.size;
  const rowBytes = width * channels;
  const rows = Buffer.alloc((rowBytes + 1) * height);
  for (let y = 0; y < height; y++)
    kept.pixels.copy(rows, y * (rowBytes + 1) + 1, y * rowBytes, (y + 1) * rowBytes);
  return { rows, pixelBytes: channels };
}

/** Filters each row as PNG 3rd edition, 9.2 describes. */
function applyFilters(rows: Buffer, height: number, pixelBytes: number, filters: Uint8Array): Buffer {
  const stride = rows.length / height;
  const filtered = Buffer.alloc(rows.length);
  for (let y = 0; y < height; y++) {
    const filter = filters[y] ?? 0;
    filtered[y * stride] = filter;
    for (let x = 1; x < stride; x++) {
      const at = y * stride + x;
      const left = x > pixelBytes ? (rows[at - pixelBytes] ?? 0) : 0;
      const up = y > 0 ? (rows[at - stride] ?? 0) : 0;
      const corner = y > 0 && x > pixelBytes ? (rows[at - stride - pixelBytes] ?? 0) : 0;
      filtered[at] = (rows[at] ?? 0) - predict(filter, left, up, corner);
    }
  }
  return filtered;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [
    Math.abs(estimate - left),
    Math.abs(estimate - up),
    Math.abs(estimate - corner),
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
