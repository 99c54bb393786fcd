import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Metadata } from 'sharp';
import type { FileBytes } from './container/bytes.js';
import { estimateJpegQuality, hasOptimizedHuffman } from './container/jpeg-tables.js';
import { readQuantizers } from './container/vp8-quantizer.js';
import { webpImages } from './container/webp.js';

/** How the source is encoded, so that the encoder can match it. */
export interface SourceCoding {
  bytes: number;
  isLossless: boolean;
  /** On the scale of our encoder for this format; null if it is unknown. */
  quality: number | null;
  /** The quality of a JPEG by its low frequencies alone; null for other formats. */
  lowQuality: number | null;
  isProgressive: boolean;
  /** Whether a JPEG has optimized Huffman tables. */
  isOptimized: boolean;
  /** Whether the chroma planes have the full size. */
  hasFullChroma: boolean;
  isGrey: boolean;
}

export function readCoding(
  bytes: FileBytes,
  format: ImageFormat,
  { isProgressive, chromaSubsampling, space, compression }: Metadata,
): SourceCoding {
  const webp = format === 'webp' ? readWebp(bytes) : null;
  const jpeg = format === 'jpeg' ? estimateJpegQuality(bytes) : null;
  return {
    bytes: bytes.size,
    isLossless:
      webp?.isLossless ?? (format === 'png' || format === 'gif' || isLosslessTiff(format, compression)),
    quality: jpeg?.all ?? webp?.quality ?? null,
    lowQuality: jpeg?.low ?? null,
    isProgressive,
    isOptimized: format === 'jpeg' && hasOptimizedHuffman(bytes),
    hasFullChroma: chromaSubsampling === '4:4:4',
    isGrey: space === 'b-w' || space === 'grey16',
  };
}

const isLosslessTiff = (format: ImageFormat, compression: string | undefined) =>
  format === 'tiff' && compression !== 'jpeg';

/** Enough of a frame for its quantizers. */
const HEADER_BYTES = 64;

function readWebp(bytes: FileBytes): Pick<SourceCoding, 'isLossless' | 'quality'> {
  for (const { type, start } of webpImages(bytes))
    if (type === 'VP8 ')
      return { isLossless: false, quality: toQuality(readQuantizers(bytes.slice(start, HEADER_BYTES))) };
  return { isLossless: true, quality: null };
}

/** libwebp raises the quantizer of the coarsest of four segments by this factor (measured: 1.33 to 1.40 at qualities 65 to 90). */
const SEGMENT_FACTOR = 1.365;
/** By default it lowers the finest to 0.6 at most (measured at qualities up to 75); other encoders go further. */
const FINEST_FACTOR = 0.6;
const MAX_QUANTIZER = 127;

/** The inverse of libwebp's QualityToCompression. */
function toQuality(quantizers: readonly number[]): number {
  const [finest, coarsest] = [Math.min(...quantizers), Math.max(...quantizers)];
  // The finest decides where the coarsest would lose its detail.
  const base = finest === coarsest ? finest : Math.min(coarsest / SEGMENT_FACTOR, finest / FINEST_FACTOR);
  const linear = (1 - Math.max(0, base) / MAX_QUANTIZER) ** 3;
  const quality = linear < 0.5 ? linear * 1.5 : (linear + 1) / 2;
  return Math.max(1, Math.min(100, Math.round(quality * 100)));
}
