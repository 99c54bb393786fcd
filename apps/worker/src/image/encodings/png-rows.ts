import { chunk } from '../colour/png-profile.js';
import type { PngCoding } from '../container/png-coding.js';
import type { Strip } from '../frames.js';
import type { Size } from '../geometry.js';
import type { Indexed } from './content.js';

/** The samples of a PNG before they are filtered and compressed. */
export interface PngRows {
  size: Size;
  depth: number;
  type: number;
  /** PLTE and tRNS. */
  chunks: readonly Buffer[];
  /** Row after row, each of `stride` bytes. */
  bytes: Uint8Array;
  stride: number;
  /** Bytes from a sample to the same one of the left pixel, at least 1. */
  left: number;
}

/** PNG 3rd edition, 11.2.1. */
export const PNG_TYPE = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 };
const BY_CHANNELS = [PNG_TYPE.grey, PNG_TYPE.greyAlpha, PNG_TYPE.rgb, PNG_TYPE.rgba];

/** 8-bit samples. */
export function plainRows({ pixels, size, channels }: Strip): PngRows {
  const type = BY_CHANNELS[channels - 1] ?? PNG_TYPE.rgba;
  return { size, depth: 8, type, chunks: [], bytes: pixels, stride: size.width * channels, left: channels };
}

/**
 * At most 256 colours as palette or shallow grey, with as few bits as they need. sharp would quantize them.
 * @param palette the colours of the source in its order, which its filters and matches depend on
 */
export function indexedRows(
  size: Size,
  { colours, indexes }: Indexed,
  palette: PngCoding['palette'],
): PngRows {
  const order = palette === null ? alphaFirst(colours) : likePalette(colours, palette);
  const depth = depthOf(colours.length);
  const greys = greyLevels(colours, depth);
  const samples = new Uint8Array(256);
  for (const [rank, index] of order.entries()) samples[index] = rank;
  for (const [index, level] of (greys ?? []).entries()) samples[index] = level;
  const stride = Math.ceil((size.width * depth) / 8);
  return {
    size,
    depth,
    type: greys === null ? PNG_TYPE.palette : PNG_TYPE.grey,
    chunks: greys === null ? paletteChunks(order.map((index) => colours[index] ?? 0)) : [],
    bytes: pack(size, indexes, samples, depth, stride),
    stride,
    left: 1,
  };
}

/** PLTE, and tRNS up to the last colour with alpha. Colours are packed as in `Indexed`. */
function paletteChunks(colours: readonly number[]): Buffer[] {
  const palette = Buffer.alloc(colours.length * 3);
  for (const [i, colour] of colours.entries()) palette.writeUIntLE(colour & 0xffffff, i * 3, 3);
  const alphas = colours.map(alphaOf);
  const last = alphas.findLastIndex((alpha) => alpha < 255);
  const chunks = [chunk('PLTE', palette)];
  return last === -1 ? chunks : [...chunks, chunk('tRNS', Buffer.from(alphas.slice(0, last + 1)))];
}

const alphaOf = (colour: number) => colour >>> 24;

/** Colours with alpha first, so that tRNS is short. */
function alphaFirst(colours: readonly number[]): number[] {
  const isClear = (index: number) => alphaOf(colours[index] ?? 0) < 255;
  const all = colours.map((_, index) => index);
  return [...all.filter(isClear), ...all.filter((index) => !isClear(index))];
}

/** In the order of the palette; colours that it lacks come last. */
function likePalette(colours: readonly number[], palette: readonly number[]): number[] {
  const places = new Map([...palette.entries()].map(([place, colour]) => [colour, place]));
  const placeOf = (index: number) => places.get(colours[index] ?? 0) ?? palette.length;
  return colours.map((_, index) => index).toSorted((a, b) => placeOf(a) - placeOf(b));
}

const depthOf = (colours: number) => [1, 2, 4, 8].find((bits) => colours <= 2 ** bits) ?? 8;

/** The sample of each colour in a grey image of this depth; null if the colours are not among its levels. */
function greyLevels(colours: readonly number[], depth: number): number[] | null {
  const step = 255 / (2 ** depth - 1);
  const levels = colours.map((colour) => {
    const value = colour & 0xff;
    const isGrey = colour >>> 0 === value * 0x10101 + 0xff000000;
    return isGrey && value % step === 0 ? value / step : -1;
  });
  return levels.includes(-1) ? null : levels;
}

function pack(
  { width, height }: Size,
  indexes: Uint8Array,
  samples: Uint8Array,
  depth: number,
  stride: number,
): Uint8Array {
  const bytes = new Uint8Array(stride * height);
  const perByte = 8 / depth;
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const at = y * stride + Math.floor(x / perByte);
      const shift = 8 - depth - (x % perByte) * depth;
      bytes[at] = (bytes[at] ?? 0) | ((samples[indexes[i] ?? 0] ?? 0) << shift);
    }
  return bytes;
}
