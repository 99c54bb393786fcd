import type { Variant } from '@pixdock/contract/profile';

/** The qualities of variants that set none. */
export const QUALITY = { jpeg: 82, webp: 80, avif: 50 };

/** JPEGs of this quality or less are already damaged. */
export const GOOD_QUALITY = 75;

/** Sources above `from` have detail that the default quality visibly loses (SSIM below 0.98), and `to` keeps. */
const FINE = { jpeg: { from: 84, to: 94 }, webp: { from: 82, to: 92 } };
/** At a quality this much lower, unoptimized Huffman tables are enough to match an optimized source. */
const FASTER = 2;

/** The quality for a variant in the source's format and size: at most the profile's, or as fine as the source. */
export function matchingQuality(
  format: 'jpeg' | 'webp',
  wanted: number | undefined,
  source: number | null,
): number {
  if (source === null) return wanted ?? QUALITY[format];
  const { from, to } = FINE[format];
  return Math.min(source, wanted ?? (source > from ? Math.min(to, source - FASTER) : QUALITY[format]));
}

/** From this effort on, small files matter more than speed. */
const SMALL_EFFORT = 6;

export const isSmall = ({ effort }: Variant) => effort >= SMALL_EFFORT;

/** From this effort on, the quantizer keeps the colours of an image that has at most 256. */
export const EXACT_EFFORT = 7;

/** Fewer bytes take less than 15 s at zlib's highest level, which takes up to 2.1 µs per byte. */
const CHEAP_BYTES = 7_000_000;

/** zlib's level: the highest takes up to 20 times as long, and saves up to 10 %. */
export const pngLevel = (isThorough: boolean, bytes: number): number =>
  isThorough && bytes <= CHEAP_BYTES ? 9 : 6;
