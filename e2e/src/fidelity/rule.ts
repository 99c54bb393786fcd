import type { ImageFormat } from '@pixdock/contract/media-type';
import type { Decoded } from './decoders/decoder.js';

const KIB = 1024;
const MAX_RATIO = 1.05;

/** How many bytes a main may have where size, orientation, colours and depth stay the same. */
export function maxBytes(format: ImageFormat, sourceBytes: number): number {
  const most = sourceBytes * MAX_RATIO;
  // PNG has no allowance in bytes.
  return format === 'png' ? most : Math.max(most, sourceBytes + KIB);
}

/** Whether the rule applies to a source, given what the receipt says about its main. */
export function isKept(source: Decoded, receipt: { resized: boolean; orientationApplied: number }): boolean {
  return source.colour === 'srgb' && source.bits === 8 && !receipt.resized && receipt.orientationApplied <= 1;
}
