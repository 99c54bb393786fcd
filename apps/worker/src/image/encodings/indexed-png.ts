import { deflateSync } from 'node:zlib';
import { chunk } from '../colour/png-profile.js';
import type { Size } from '../geometry.js';
import type { Indexed } from './content.js';
import { COLOUR_TYPE, pngFile } from './png-file.js';

/** Writes at most 256 colours as palette or shallow grey, with as few bits as they need. sharp would quantize them. */
export function indexedPng(size: Size, { colours, indexes }: Indexed, level: number): Buffer {
  const order = alphaFirst(colours);
  const depth = depthOf(colours.length);
  const greys = greyLevels(colours, depth);
  const samples = new Uint8Array(256);
  for (const [rank, index] of order.entries()) samples[index] = rank;
  for (const [index, level_] of (greys ?? []).entries()) samples[index] = level_;
  const rows = packRows(size, indexes, samples, depth);
  const palette = greys === null ? paletteChunks(order.map((index) => colours[index] ?? 0)) : [];
  const type = greys === null ? COLOUR_TYPE.palette : COLOUR_TYPE.grey;
  return pngFile(size, depth, type, palette, deflateSync(rows, { level, memLevel: 9 }));
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

/** Packs samples into bytes, each row after filter type 0. */
function packRows({ width, height }: Size, indexes: Uint8Array, samples: Uint8Array, depth: number): Buffer {
  const stride = Math.ceil((width * depth) / 8) + 1;
  const rows = Buffer.alloc(stride * height);
  const perByte = 8 / depth;
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const at = y * stride + 1 + Math.floor(x / perByte);
      const shift = 8 - depth - (x % perByte) * depth;
      rows[at] = (rows[at] ?? 0) | ((samples[indexes[i] ?? 0] ?? 0) << shift);
    }
  return rows;
}
