import { chunk } from '../colour/png-profile.js';
import type { PngCoding } from '../container/png-coding.js';
import type { Size } from '../geometry.js';
import type { Indexed } from './content.js';
import { MAX_REPEATED_BYTES, PNG_TYPE, type PngRows } from './png-rows.js';

/** At most 256 colours as palette or shallow grey, with as few bits as they need. sharp would quantize them. */
export function indexedRows(size: Size, indexed: Indexed): PngRows {
  const { colours, indexes } = indexed;
  const depth = depthOf(colours);
  const levels = greyLevels(colours, depth);
  if (levels === null) return paletteRows(size, indexed, alphaFirst(colours), depth);
  return { ...packedRows(size, indexes, levels, depth), type: PNG_TYPE.grey, chunks: [] };
}

/** At most 256 colours as the palette of the source, in its order and depth, on which its filters and matches depend. */
export function rowsLikePalette(
  size: Size,
  indexed: Indexed,
  { palette, depth }: Pick<PngCoding, 'palette' | 'depth'>,
): PngRows {
  const isRepeated = (size.width * size.height * depth) / 8 <= MAX_REPEATED_BYTES;
  const least = depthOf(indexed.colours);
  const order = likePalette(indexed.colours, palette ?? []);
  return paletteRows(size, indexed, order, isRepeated ? Math.max(depth, least) : least);
}

/** @param order the index of each colour of the palette */
function paletteRows(
  size: Size,
  { colours, indexes }: Indexed,
  order: readonly number[],
  depth: number,
): PngRows {
  const ranks: number[] = [];
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return {
    ...packedRows(size, indexes, ranks, depth),
    type: PNG_TYPE.palette,
    chunks: paletteChunks(order.map((index) => colours[index] ?? 0)),
  };
}

/** @param samples the sample of each index */
function packedRows(size: Size, indexes: Uint8Array, samples: readonly number[], depth: number) {
  const stride = Math.ceil((size.width * depth) / 8);
  return {
    size,
    depth,
    bytes: pack(size, indexes, Uint8Array.from(samples), depth, stride),
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

const depthOf = ({ length }: readonly number[]) => [1, 2, 4, 8].find((bits) => length <= 2 ** bits) ?? 8;

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
