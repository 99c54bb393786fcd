import sharp from 'sharp';
import type { FileBytes } from './bytes.js';
import { jpegSegments, SOS } from './jpeg-segments.js';

/** A hole consists of 512-byte sectors, and each contains an aligned block of this size whatever its offset. */
const BLOCK = 256;
const ZEROS = Buffer.alloc(BLOCK);
/** Width of two 4:2:0 MCUs (ITU-T T.81, A.2): the last bits of real data can affect the first MCUs of the added row. */
const SKIPPED_COLUMNS = 32;
const GREY = 128;
/** libjpeg's JPEG_MAX_DIMENSION. */
const MAX_ROWS = 65_500;

/**
 * Whether zeros replace missing data in a baseline JPEG, as in an incomplete preallocated download. libjpeg decodes the zeros
 * as pixels without a warning, and plain areas may also be zeros. So decode the image with one additional row of MCUs:
 * after a hole, data remains for it; in a whole file, libjpeg fills it with grey.
 */
export async function hasHole(bytes: FileBytes): Promise<boolean> {
  const frameAt = findFrameWithZeros(bytes);
  if (frameAt === null) return false;
  const width = bytes.number(frameAt + 7, 2);
  const row = 8 * maxVerticalSampling(bytes, frameAt);
  const height = Math.ceil(bytes.number(frameAt + 5, 2) / row) * row + row;
  // In CMYK the fill is another value.
  if (width <= SKIPPED_COLUMNS || height > MAX_ROWS || bytes.at(frameAt + 9) === 4) return false;
  const taller = bytes.slice(0, bytes.size);
  taller.writeUInt16BE(height, frameAt + 5);
  // Without `unlimited`, the warnings about missing restarts in the added row exceed libvips' limit.
  const added = await sharp(taller, { failOn: 'none', unlimited: true, ignoreIcc: true })
    .extract({ left: SKIPPED_COLUMNS, top: height - 1, width: width - SKIPPED_COLUMNS, height: 1 })
    .raw()
    .toBuffer()
    .catch(() => Buffer.of());
  return added.some((sample) => sample !== GREY);
}

/** Position of the frame header of a baseline JPEG whose scan contains a block of zeros. */
function findFrameWithZeros(bytes: FileBytes): number | null {
  let frameAt: number | null = null;
  for (const { marker, at, followsStrayBytes } of jpegSegments(bytes)) {
    if (followsStrayBytes) return null;
    if (marker === 0xc0 || marker === 0xc1) frameAt = at;
    if (marker === SOS && frameAt !== null && hasZeroBlock(bytes, at + 2)) return frameAt;
  }
  return null;
}

function hasZeroBlock(bytes: FileBytes, start: number): boolean {
  // Most files have no such run at all, and this search is a hundred times faster than the walk.
  if (bytes.indexOf(ZEROS, start) === -1) return false;
  for (let at = start; ; ) {
    const next = bytes.indexOf(0xff, at);
    const end = next === -1 ? bytes.size : next;
    for (; at + BLOCK <= end; at += BLOCK) if (isZeroBlock(bytes, at)) return true;
    const marker = bytes.at(end + 1);
    // Any marker other than a stuffed byte or a restart ends the scan.
    if (marker !== 0 && !(marker !== undefined && marker >= 0xd0 && marker <= 0xd7)) return false;
    at = end + 2;
  }
}

function isZeroBlock(bytes: FileBytes, start: number): boolean {
  for (let at = start; at < start + BLOCK; at++) if (bytes.at(at) !== 0) return false;
  return true;
}

/** The largest vertical sampling factor of a component. */
function maxVerticalSampling(bytes: FileBytes, frameAt: number): number {
  const components = Array.from({ length: bytes.at(frameAt + 9) ?? 0 }, (_, i) => frameAt + 11 + 3 * i);
  return Math.max(...components.map((at) => (bytes.at(at) ?? 0) & 15));
}
