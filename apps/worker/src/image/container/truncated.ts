import type { ImageFormat } from '@pixdock/contract/media-type';
import type { FileBytes } from './bytes.js';
import { gifBlocks } from './gif.js';
import { countScans } from './jpeg-scans.js';
import { pngChunks } from './png.js';
import { endOfRiff } from './webp.js';

/** Whether the container shows that the end of the file is missing; false when the container cannot show it. */
export function isTruncated(bytes: FileBytes, format: ImageFormat): boolean {
  return CHECKS[format](bytes);
}

const CHECKS: Record<ImageFormat, (bytes: FileBytes) => boolean> = {
  jpeg: (bytes) => !countScans(bytes, Number.POSITIVE_INFINITY).ended,
  png: isPngTruncated,
  gif: isGifTruncated,
  webp: (bytes) => endOfRiff(bytes) > bytes.size,
  avif: isHeifTruncated,
  heic: isHeifTruncated,
  tiff: () => false,
};

/** The last bytes of complete files: EOI, IEND with its checksum, the end of a frame and the trailer. */
const END_MARKERS: Partial<Record<ImageFormat, Buffer>> = {
  jpeg: Buffer.of(0xff, 0xd9),
  png: Buffer.from('49454e44ae426082', 'hex'),
  gif: Buffer.of(0, 0x3b),
};

/** Whether the file ends as its format ends, so that its parts are damaged and not missing. */
export function endsWithMarker(bytes: FileBytes, format: ImageFormat): boolean {
  const marker = END_MARKERS[format];
  return marker !== undefined && bytes.slice(bytes.size - marker.length, marker.length).equals(marker);
}

function isPngTruncated(bytes: FileBytes): boolean {
  for (const { type } of pngChunks(bytes)) if (type === 'IEND') return false;
  return true;
}

// Only the trailer may be missing: then the file ends with a whole image, as browsers accept.
function isGifTruncated(bytes: FileBytes): boolean {
  let endsWithImage = false;
  for (const { type, next } of gifBlocks(bytes)) {
    if (type === 'end') return false;
    endsWithImage = type === 'image' && next !== null;
  }
  return !endsWithImage;
}

const MAX_BOXES = 1000;
/** Boxes that a decoder needs complete. */
const REQUIRED_BOXES = ['ftyp', 'meta', 'mdat'];

// ISO/IEC 14496-12 4.2: a box of size 0 extends to the end of the file; size 1 means that a 64-bit size follows.
function isHeifTruncated(bytes: FileBytes): boolean {
  let hasData = false;
  let at = 0;
  for (let boxes = 0; at < bytes.size && boxes < MAX_BOXES; boxes++) {
    const short = bytes.number(at, 4);
    if (short === 0) return false;
    const length = short === 1 ? bytes.number(at + 8, 4) * 2 ** 32 + bytes.number(at + 12, 4) : short;
    if (length < 8) return false;
    const type = bytes.text(at + 4, 4);
    // An unknown box after the data is stray bytes.
    if (!(at + length <= bytes.size)) return !hasData || REQUIRED_BOXES.includes(type);
    hasData ||= type === 'mdat';
    at += length;
  }
  return false;
}
