import { randomInt } from 'node:crypto';
import type { Strip } from '../frames.js';

/** The distinct colours of an image with at most 256, and each pixel's index. */
export interface Indexed {
  /** Each colour packed as red | green << 8 | blue << 16 | alpha << 24. */
  colours: number[];
  indexes: Uint8Array;
}

const MAX_COLOURS = 256;
/** Four times the colours, so that the hash table finds a colour in a step or two. */
const SLOTS = 1024;

/** Indexes all frames; null with more than 256 colours. A photograph has so many in its first rows. */
export function indexColours(strip: Strip): Indexed | null {
  const { pixels, channels } = strip;
  const indexes = new Uint8Array(pixels.length / channels);
  const keys = new Int32Array(SLOTS);
  const slots = new Int16Array(SLOTS).fill(-1);
  const colours: number[] = [];
  // Odd and random: colours that collide for a known multiplier would make each pixel take 256 steps.
  const multiplier = 2 * randomInt(2 ** 31) + 1;
  let last = 0;
  let lastIndex = -1;
  for (let i = 0, at = 0; i < indexes.length; i++, at += channels) {
    const colour = packedAt(pixels, at, channels);
    if (colour !== last || lastIndex === -1) {
      let slot = Math.imul(colour, multiplier) >>> 22;
      while ((slots[slot] ?? -1) !== -1 && keys[slot] !== colour) slot = (slot + 1) % SLOTS;
      lastIndex = slots[slot] ?? -1;
      if (lastIndex === -1) {
        if (colours.length === MAX_COLOURS) return null;
        lastIndex = colours.length;
        keys[slot] = colour;
        slots[slot] = lastIndex;
        colours.push(colour);
      }
      last = colour;
    }
    indexes[i] = lastIndex;
  }
  return { colours, indexes };
}

function packedAt(pixels: Buffer, at: number, channels: Strip['channels']): number {
  const red = pixels[at] ?? 0;
  if (channels === 1) return red | (red << 8) | (red << 16) | (255 << 24);
  if (channels === 2) return red | (red << 8) | (red << 16) | ((pixels[at + 1] ?? 0) << 24);
  const alpha = channels === 4 ? (pixels[at + 3] ?? 0) : 255;
  return red | ((pixels[at + 1] ?? 0) << 8) | ((pixels[at + 2] ?? 0) << 16) | (alpha << 24);
}

/** Keeps only red, and alpha if there is any, when every pixel is grey; otherwise null. */
export function toGrey(strip: Strip): Strip | null {
  const { pixels, channels } = strip;
  if (channels < 3) return strip;
  for (let at = 0; at < pixels.length; at += channels)
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return null;
  const kept = channels === 4 ? 2 : 1;
  const grey = Buffer.alloc((pixels.length / channels) * kept);
  for (let from = 0, to = 0; from < pixels.length; from += channels, to += kept) {
    grey[to] = pixels[from] ?? 0;
    if (kept === 2) grey[to + 1] = pixels[from + 3] ?? 0;
  }
  return { ...strip, pixels: grey, channels: kept };
}

/** Every eighth row is enough to tell a graphic from a photograph. */
const ROW_STEP = 8;
const FEW_ROWS = 128;

/** The share of visible pixels, 0 to 1, that equal their left neighbour. Graphics are flat, photographs are not. */
export function flatness({ pixels, size, channels, frames }: Strip): number {
  const stride = size.width * channels;
  const rows = size.height * frames;
  const step = rows < FEW_ROWS ? 1 : ROW_STEP;
  const alpha = channels === 2 || channels === 4 ? channels - 1 : null;
  let equal = 0;
  let seen = 0;
  for (let row = 0; row < rows; row += step) {
    const end = (row + 1) * stride;
    for (let at = row * stride + channels; at < end; at += channels) {
      if (alpha !== null && pixels[at + alpha] === 0) continue;
      seen++;
      let channel = 0;
      while (channel < channels && pixels[at + channel] === pixels[at + channel - channels]) channel++;
      if (channel === channels) equal++;
    }
  }
  return seen === 0 ? 1 : equal / seen;
}
