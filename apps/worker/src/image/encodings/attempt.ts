import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Variant } from '@pixdock/contract/profile';
import type { Sharp } from 'sharp';
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

/** An encoding to make. */
export interface Task {
  picture: Picture;
  variant: Variant;
  timing: Timing;
  /** The metadata to write; null for none. */
  xmp: string | null;
  source: SourceCoding & { format: ImageFormat };
  /** The size of the variant. */
  size: Size;
  /** The bytes that need no further attempt. */
  enough: number;
  /** Whether the variant has the source's size. */
  isUnscaled: boolean;
}

/** A finished encoding. */
export interface Attempt {
  data: Buffer;
  /** For the receipt, such as "jpeg q82". */
  encoder: string;
  /** Null without a quality to lower. */
  quality: number | null;
  isLossless: boolean;
}

/** The encodings of one format, each made when the previous one is too large. */
export type Attempts = AsyncGenerator<Attempt, void>;

/** Makes encodings until one has at most `enough` bytes; otherwise returns the smallest. */
export async function smallest(attempts: Attempts, enough: number): Promise<Attempt> {
  let best: Attempt | null = null;
  for await (const attempt of attempts) {
    if (best === null || attempt.data.length < best.data.length) best = attempt;
    if (best.data.length <= enough) break;
  }
  if (best === null) throw new Error('no encoding');
  return best;
}
