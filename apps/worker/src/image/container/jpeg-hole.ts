import sharp from 'sharp';
import type { FileBytes } from './bytes.js';
import { jpegSegments, SOS } from './jpeg-segments.js';

/** Holes come in sectors of 512 bytes, each of which has so many in a row wherever one begins to look. */
const BLOCK = 256;
/** Two MCUs (ITU-T T.81, A.2) of the usual sampling: what a decoder makes of the last bits reaches into the first. */
const LAST_BITS = 32;
const GREY = 128;
/** libjpeg's JPEG_MAX_DIMENSION. */
const MOST_ROWS = 65_500;

/**
 * Whether a baseline JPEG has zeros where data is missing, as of a download that was never filled in. libjpeg takes them for
 * pixels, and says nothing when these are enough before the data ends. Plain areas may be zeros too. So the picture
 * is decoded with one more row of MCUs: only behind a hole is something left for it, otherwise libjpeg fills it with grey.
 */
export async function hasHole(bytes: FileBytes): Promise<boolean> {
  const frameAt = emptyFrame(bytes);
  if (frameAt === null) return false;
  const width = bytes.number(frameAt + 7, 2);
  const row = 8 * mostSamples(bytes, frameAt);
  const height = Math.ceil(bytes.number(frameAt + 5, 2) / row) * row + row;
  // Grey looks otherwise in CMYK.
  if (width <= LAST_BITS || height > MOST_ROWS || bytes.at(frameAt + 9) === 4) return false;
  const taller = bytes.slice(0, bytes.size);
  taller.writeUInt16BE(height, frameAt + 5);
  // Unlimited: it counts a warning for each restart that the added row lacks.
  const added = await sharp(taller, { failOn: 'none', unlimited: true, ignoreIcc: true })
    .extract({ left: LAST_BITS, top: height - 1, width: width - LAST_BITS, height: 1 })
    .raw()
    .toBuffer()
    .catch(() => Buffer.of());
  return added.some((sample) => sample !== GREY);
}

/** Where the frame header of a baseline picture begins whose scan has so many zeros. */
function emptyFrame(bytes: FileBytes): number | null {
  let frameAt: number | null = null;
  for (const { marker, at, isBehindStray } of jpegSegments(bytes)) {
    if (isBehindStray) return null;
    if (marker === 0xc0 || marker === 0xc1) frameAt = at;
    if (marker === SOS && frameAt !== null && hasEmptyBlock(bytes, at + 2)) return frameAt;
  }
  return null;
}

function hasEmptyBlock(bytes: FileBytes, start: number): boolean {
  for (let at = start; ; ) {
    const next = bytes.indexOf(0xff, at);
    const end = next === -1 ? bytes.size : next;
    for (; at + BLOCK <= end; at += BLOCK) if (isEmpty(bytes, at)) return true;
    const marker = bytes.at(end + 1);
    // What is neither a stuffed byte nor a restart ends the scan.
    if (marker !== 0 && !(marker !== undefined && marker >= 0xd0 && marker <= 0xd7)) return false;
    at = end + 2;
  }
}

function isEmpty(bytes: FileBytes, start: number): boolean {
  for (let at = start; at < start + BLOCK; at++) if (bytes.at(at) !== 0) return false;
  return true;
}

/** The largest vertical sampling factor of a component. */
function mostSamples(bytes: FileBytes, frameAt: number): number {
  const components = Array.from({ length: bytes.at(frameAt + 9) ?? 0 }, (_, i) => frameAt + 11 + 3 * i);
  return Math.max(...components.map((at) => (bytes.at(at) ?? 0) & 15));
}
