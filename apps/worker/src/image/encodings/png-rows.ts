import { chunk } from '../colour/png-profile.js';
import type { Strip } from '../frames.js';
import type { Size } from '../geometry.js';
import { withoutAlpha } from './without-alpha.js';

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

/** Layout and filters of the source are repeated for so many bytes: those of 1920 × 1080 RGBA pixels. */
export const MAX_REPEATED_BYTES = 8_400_000;

/** 8-bit samples. Where the source has no alpha channel, a transparent colour replaces that of the decoded pixels. */
export function plainRows(strip: Strip, sourceType: number): PngRows {
  const { width, height } = strip.size;
  const opaqueType = BY_CHANNELS[strip.channels - 2];
  const isRepeated = sourceType === opaqueType && width * height * (strip.channels - 1) <= MAX_REPEATED_BYTES;
  const opaque = isRepeated ? withoutAlpha(strip) : null;
  if (opaque === null) return rowsOf(strip, []);
  const { colour } = opaque;
  return rowsOf(opaque.strip, colour === null ? [] : [chunk('tRNS', Buffer.from(colour.flatMap(to16Bits)))]);
}

const to16Bits = (sample: number) => [0, sample];

function rowsOf({ pixels, size, channels }: Strip, chunks: readonly Buffer[]): PngRows {
  const type = BY_CHANNELS[channels - 1] ?? PNG_TYPE.rgba;
  return { size, depth: 8, type, chunks, bytes: pixels, stride: size.width * channels, left: channels };
}
