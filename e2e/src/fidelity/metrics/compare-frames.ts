import { deltaE2000, labOf } from './delta-e.js';
import { ssim } from './ssim.js';

export interface Difference {
  /** SSIM of the luma, from 0 to 1. */
  ssim: number;
  /** Mean ΔE2000 of the colours. */
  deltaE: number;
  /** Mean ΔE2000 of the worst tile, which shows a lost line that the mean hides. */
  worstTile: number;
  /** Mean difference of alpha, from 0 to 255. */
  alpha: number;
  /** Whether all visible pixels are equal. */
  isIdentical: boolean;
}

const SAME: Difference = { ssim: 1, deltaE: 0, worstTile: 0, alpha: 0, isIdentical: true };
const TILE = 16;
/** Transparent pictures are compared on both: a white drawing vanishes on white. */
const BACKDROPS = [255, 0];

/** Compares two frames of RGBA with straight alpha and the same size. The colour of a transparent pixel is ignored. */
export function compareFrames(a: Uint8Array, b: Uint8Array, width: number, height: number): Difference {
  if (isIdentical(a, b)) return SAME;
  const alpha = alphaDifference(a, b);
  const backdrops = isOpaque(a) && isOpaque(b) ? BACKDROPS.slice(0, 1) : BACKDROPS;
  const all = backdrops.map((backdrop) => compareOn(backdrop, a, b, width, height));
  return {
    ssim: Math.min(...all.map((one) => one.ssim)),
    deltaE: Math.max(...all.map((one) => one.deltaE)),
    worstTile: Math.max(...all.map((one) => one.worstTile)),
    alpha,
    isIdentical: false,
  };
}

/** The worst values of several frames. */
export function worstOf(all: readonly Difference[]): Difference {
  return {
    ssim: Math.min(1, ...all.map((one) => one.ssim)),
    deltaE: Math.max(0, ...all.map((one) => one.deltaE)),
    worstTile: Math.max(0, ...all.map((one) => one.worstTile)),
    alpha: Math.max(0, ...all.map((one) => one.alpha)),
    isIdentical: all.every((one) => one.isIdentical),
  };
}

export function isIdentical(a: Uint8Array, b: Uint8Array): boolean {
  if (Buffer.compare(a, b) === 0) return true;
  for (let i = 0; i < a.length; i += 4) {
    if (a[i + 3] !== b[i + 3]) return false;
    if (a[i + 3] === 0) continue;
    if (a[i] !== b[i] || a[i + 1] !== b[i + 1] || a[i + 2] !== b[i + 2]) return false;
  }
  return true;
}

function isOpaque(pixels: Uint8Array): boolean {
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 255) return false;
  return true;
}

function alphaDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 3; i < a.length; i += 4) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return (4 * sum) / a.length;
}

function compareOn(backdrop: number, a: Uint8Array, b: Uint8Array, width: number, height: number) {
  const count = width * height;
  const [lumaA, lumaB] = [new Float32Array(count), new Float32Array(count)];
  const across = Math.ceil(width / TILE);
  const tiles = new Float64Array(across * Math.ceil(height / TILE));
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const [r1, g1, b1] = [over(backdrop, a, i, 0), over(backdrop, a, i, 1), over(backdrop, a, i, 2)];
    const [r2, g2, b2] = [over(backdrop, b, i, 0), over(backdrop, b, i, 1), over(backdrop, b, i, 2)];
    lumaA[i] = luma(r1, g1, b1);
    lumaB[i] = luma(r2, g2, b2);
    if (r1 === r2 && g1 === g2 && b1 === b2) continue;
    const difference = deltaE2000(labOf(r1, g1, b1), labOf(r2, g2, b2));
    const x = i % width;
    const tile = Math.floor((i - x) / width / TILE) * across + Math.floor(x / TILE);
    sum += difference;
    tiles[tile] = (tiles[tile] ?? 0) + difference;
  }
  return {
    ssim: ssim(lumaA, lumaB, width, height),
    deltaE: sum / count,
    worstTile: worst(tiles, width, height),
  };
}

function over(backdrop: number, pixels: Uint8Array, pixel: number, channel: number): number {
  const alpha = pixels[pixel * 4 + 3] ?? 0;
  return Math.round(((pixels[pixel * 4 + channel] ?? 0) * alpha + backdrop * (255 - alpha)) / 255);
}

/** ITU-R BT.601. */
const luma = (red: number, green: number, blue: number) => 0.299 * red + 0.587 * green + 0.114 * blue;

function worst(tiles: Float64Array, width: number, height: number): number {
  const across = Math.ceil(width / TILE);
  return tiles.reduce((highest, sum, i) => {
    const tileWidth = Math.min(TILE, width - (i % across) * TILE);
    const tileHeight = Math.min(TILE, height - Math.floor(i / across) * TILE);
    return Math.max(highest, sum / (tileWidth * tileHeight));
  }, 0);
}
