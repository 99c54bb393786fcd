import type { FileBytes } from './bytes.js';
import { jpegSegments } from './jpeg-segments.js';

const DQT = 0xdb;
const DHT = 0xc4;
const COEFFICIENTS = 64;
/** Sums of the luminance and chrominance tables that libjpeg scales by quality (ITU-T T.81, K.1 and K.2). */
const LUMINANCE_SUM = 3688;
const CHROMINANCE_SUM = 5505;
/** Coefficients up to the diagonal, in zigzag order: the low frequencies, which have most of the bytes. */
const LOW = 36;
const LOW_LUMINANCE_SUM = 1159;

export interface JpegQuality {
  /** By both tables. */
  all: number;
  /** By the low frequencies of the luminance table. Photoshop's low qualities are much coarser there than elsewhere. */
  low: number;
}

/**
 * Estimates the quality of a JPEG from its quantization tables, on libjpeg's scale of 1 to 100; null without tables.
 * Other encoders use tables of another shape, so compare the sums.
 */
export function estimateJpegQuality(bytes: FileBytes): JpegQuality | null {
  const [luminance, chrominance] = tableSums(bytes);
  if (luminance === undefined) return null;
  const ofAll =
    chrominance === undefined
      ? luminance.all / LUMINANCE_SUM
      : (luminance.all + chrominance.all) / (LUMINANCE_SUM + CHROMINANCE_SUM);
  return { all: toQuality(ofAll), low: toQuality(luminance.low / LOW_LUMINANCE_SUM) };
}

/** The inverse of libjpeg's jpeg_quality_scaling. */
function toQuality(scale: number): number {
  const quality = scale <= 1 ? 100 - 50 * scale : 50 / scale;
  return Math.max(1, Math.min(100, Math.round(quality)));
}

/** The sums of tables 0 and 1. */
function tableSums(bytes: FileBytes): ({ all: number; low: number } | undefined)[] {
  const sums: ({ all: number; low: number } | undefined)[] = [];
  for (const { marker, start, length } of jpegSegments(bytes)) {
    if (marker !== DQT) continue;
    for (let at = start; at < start + length; ) {
      const head = bytes.at(at) ?? 0;
      const width = head >> 4 === 0 ? 1 : 2;
      const sum = { all: 0, low: 0 };
      for (let i = 0; i < COEFFICIENTS; i++) {
        const step = bytes.number(at + 1 + i * width, width) || 0;
        sum.all += step;
        if (i < LOW) sum.low += step;
      }
      sums[head & 0x0f] = sum;
      at += 1 + COEFFICIENTS * width;
    }
  }
  return sums;
}

/** Symbols of the AC tables in ITU-T T.81, K.3. An optimized table lacks those that the image does not use. */
const STANDARD_SYMBOLS = 162;
const LENGTHS = 16;

/** Whether a baseline JPEG has optimized Huffman tables. They save about 5 % of the bytes. */
export function hasOptimizedHuffman(bytes: FileBytes): boolean {
  for (const { marker, start, length } of jpegSegments(bytes)) {
    if (marker !== DHT) continue;
    for (let at = start; at < start + length; ) {
      const isAc = (bytes.at(at) ?? 0) >> 4 === 1;
      let symbols = 0;
      for (let i = 1; i <= LENGTHS; i++) symbols += bytes.at(at + i) ?? 0;
      if (isAc && symbols !== STANDARD_SYMBOLS) return true;
      at += 1 + LENGTHS + symbols;
    }
  }
  return false;
}
