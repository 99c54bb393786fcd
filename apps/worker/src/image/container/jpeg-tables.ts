import type { FileBytes } from './bytes.js';
import { jpegSegments } from './jpeg-segments.js';

const DQT = 0xdb;
const DHT = 0xc4;
const COEFFICIENTS = 64;
/** Sums of the luminance and chrominance tables that libjpeg scales by quality (ITU-T T.81, K.1 and K.2). */
const LUMINANCE_SUM = 3688;
const CHROMINANCE_SUM = 5505;

/**
 * Estimates the quality of a JPEG from its quantization tables, on libjpeg's scale of 1 to 100; null without tables.
 * Other encoders use tables of another shape, so compare the sums.
 */
export function estimateJpegQuality(bytes: FileBytes): number | null {
  const [luminance, chrominance] = tableSums(bytes);
  if (luminance === undefined) return null;
  const percent =
    chrominance === undefined
      ? (100 * luminance) / LUMINANCE_SUM
      : (100 * (luminance + chrominance)) / (LUMINANCE_SUM + CHROMINANCE_SUM);
  // The inverse of libjpeg's jpeg_quality_scaling.
  const quality = percent <= 100 ? (200 - percent) / 2 : 5000 / percent;
  return Math.max(1, Math.min(100, Math.round(quality)));
}

/** The sums of tables 0 and 1. */
function tableSums(bytes: FileBytes): (number | undefined)[] {
  const sums: (number | undefined)[] = [];
  for (const { marker, start, length } of jpegSegments(bytes)) {
    if (marker !== DQT) continue;
    for (let at = start; at < start + length; ) {
      const head = bytes.at(at) ?? 0;
      const width = head >> 4 === 0 ? 1 : 2;
      let sum = 0;
      for (let i = 0; i < COEFFICIENTS; i++) sum += bytes.number(at + 1 + i * width, width) || 0;
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
