import type { ImageFormat } from '@pixdock/contract/media-type';

interface Size {
  width: number;
  height: number;
}

/** An upright image in sRGB. */
export interface Decoded extends Size {
  /** Time of each frame in ms, as browsers show it. */
  delays: readonly number[];
  /** How often the animation is shown; 0 is forever. */
  plays: number;
  /** How its colours became sRGB: they were sRGB, they have a profile, or only a guess is possible. */
  colour: 'srgb' | 'converted' | 'unknown';
  bits: number;
  /** Estimate of a JPEG's quality. */
  quality: number | null;
  /** RGBA with straight alpha. */
  frame(index: number): Promise<Uint8Array>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Decodes without libvips. */
export interface Decoder {
  /** Whether it scales and applies profiles. */
  canScale: boolean;
  /** Decodes all frames, scaled to `size` if it differs. @throws when the file cannot be read */
  decode(file: EncodedFile, size?: Size): Promise<Decoded>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface EncodedFile {
  path: string;
  format: ImageFormat;
  /** Decodes no more frames than these; all when absent. */
  maxFrames?: number;
}

/** Browsers show a frame with a delay of at most 10 ms for 100 ms. */
export const shownDelay = (ms: number) => (ms <= 10 ? 100 : ms);
