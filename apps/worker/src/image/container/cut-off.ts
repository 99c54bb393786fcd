import type { ImageFormat } from '@pixdock/contract/media-type';
import type { FileBytes } from './bytes.js';
import { gifBlocks } from './gif.js';
import { countScans } from './jpeg-scans.js';
import { pngChunks } from './png.js';

/** Whether a file lacks its end, going by its container: cut off, rather than damaged. What cannot be told is not cut off. */
export function isCutOff(bytes: FileBytes, format: ImageFormat): boolean {
  return CUT_OFF[format](bytes);
}

const CUT_OFF: Record<ImageFormat, (bytes: FileBytes) => boolean> = {
  jpeg: (bytes) => !countScans(bytes, Number.POSITIVE_INFINITY).ended,
  png: isPngCutOff,
  gif: isGifCutOff,
  webp: isWebpCutOff,
  avif: isBoxCutOff,
  tiff: () => false,
};

function isPngCutOff(bytes: FileBytes): boolean {
  for (const { type } of pngChunks(bytes)) if (type === 'IEND') return false;
  return true;
}

// Decoders take a file that ends between two frames for a shorter animation.
function isGifCutOff(bytes: FileBytes): boolean {
  for (const { type } of gifBlocks(bytes)) if (type === 'end') return false;
  return true;
}

// RFC 9649 2.4: the size of all that follows, little-endian.
function isWebpCutOff(bytes: FileBytes): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = [4, 5, 6, 7].map((at) => bytes.at(at));
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24 + 8 > bytes.size;
}

const MOST_BOXES = 1000;
/** Boxes without the end of which there is no picture. */
const NEEDED = ['ftyp', 'meta', 'mdat'];

// Top-level boxes of ISO/IEC 14496-12 4.2; a size of 0 reaches to the end of the file, one of 1 is followed by 64 bits.
function isBoxCutOff(bytes: FileBytes): boolean {
  let hasData = false;
  let at = 0;
  for (let boxes = 0; at < bytes.size && boxes < MOST_BOXES; boxes++) {
    const short = bytes.number(at, 4);
    if (short === 0) return false;
    const length = short === 1 ? bytes.number(at + 8, 4) * 2 ** 32 + bytes.number(at + 12, 4) : short;
    if (length < 8) return false;
    const type = bytes.text(at + 4, 4);
    // What follows the data and is no box of a picture's is stray bytes.
    if (!(at + length <= bytes.size)) return !hasData || NEEDED.includes(type);
    hasData ||= type === 'mdat';
    at += length;
  }
  return false;
}
