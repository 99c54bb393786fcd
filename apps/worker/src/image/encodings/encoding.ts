import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Variant } from '@pixdock/contract/profile';
import type { Sharp } from 'sharp';
import type { FileBytes } from '../container/bytes.js';
import type { Strip } from '../frames.js';
import type { Size } from '../geometry.js';
import type { SourceCoding } from '../source-coding.js';

/** The pixels of a variant. */
interface Picture {
  /** A new pipeline over them. */
  open(): Promise<Sharp>;
  /** The raw pixels; null for a wide gamut, which raw pixels cannot carry. */
  strip(): Promise<Strip | null>;
}

export interface Timing {
  delay?: number[];
  loop?: number;
}

/** What to encode, and how. */
export interface Task {
  picture: Picture;
  variant: Variant;
  timing: Timing;
  /** The metadata to write; null for none. */
  xmp: string | null;
  source: SourceCoding & { format: ImageFormat; file: FileBytes };
  /** The size of the variant. */
  size: Size;
  /** The bytes that need no further encoding. */
  enough: number;
  /** Whether the variant has the source's size. */
  isUnscaled: boolean;
}

/** A finished encoding. */
export interface Encoding {
  data: Buffer;
  /** For the receipt, such as "jpeg q82". */
  encoder: string;
  /** Null without a quality to lower. */
  quality: number | null;
  isLossless: boolean;
}

/** The encodings of one format, each made when the previous one is too large. */
export type Encodings = AsyncGenerator<Encoding, void>;

/** Makes encodings until one has at most `enough` bytes; otherwise returns the smallest. */
export async function smallest(encodings: Encodings, enough: number): Promise<Encoding> {
  let best: Encoding | null = null;
  for await (const encoding of encodings) {
    if (best === null || encoding.data.length < best.data.length) best = encoding;
    if (best.data.length <= enough) break;
  }
  if (best === null) throw new Error('no encoding');
  return best;
}
