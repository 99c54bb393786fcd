import { randomInt } from 'node:crypto';
import type { Strip } from '../frames.js';

const MAX_COLOURS = 256;
/** Four times the colours, so that the hash table finds a colour in a step or two. */
const SLOTS = 1024;

/**
 * The colours of all frames, packed as red | green << 8 | blue << 16 | alpha << 24; null with more than 256. A photograph has so
 * many in its first rows.
 */
export function coloursOf({ pixels, channels }: Strip): number[] | null {
  const slots = new Int16Array(SLOTS).fill(-1);
  const colours: number[] = [];
  // Odd and random: colours that collide for a known multiplier would make each pixel take 256 steps.
  const multiplier = 2 * randomInt(2 ** 31) + 1;
  let last: number | null = null;
  for (let at = 0; at < pixels.length; at += channels) {
    const colour = packedAt(pixels, at, channels);
    if (colour === last) continue;
    last = colour;
    let slot = Math.imul(colour, multiplier) >>> 22;
    for (let index = slots[slot] ?? -1; index !== -1 && colours[index] !== colour; index = slots[slot] ?? -1)
      slot = (slot + 1) % SLOTS;
    if (slots[slot] !== -1) continue;
    if (colours.length === MAX_COLOURS) return null;
    slots[slot] = colours.length;
    colours.push(colour);
  }
  return colours;
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
