import type { ImageFormat } from '@pixdock/contract/media-type';
import type { FileBytes } from './bytes.js';
import { gifBlocks } from './gif.js';
import { boxesIn, MAX_ENTRIES } from './heif.js';
import { jpegSegments, MAX_SEGMENTS } from './jpeg-segments.js';
import { pngChunks } from './png.js';
import { webpChunks } from './webp.js';

const MOST = 200_000;

/** How many parts a file may have. Real files have a few thousand. libheif takes 4 µs for each box, three times. */
export const MAX_PARTS: Record<ImageFormat, number> = {
  jpeg: MAX_SEGMENTS,
  png: MOST,
  gif: MOST,
  webp: MOST,
  avif: MAX_ENTRIES,
  heic: MAX_ENTRIES,
  tiff: Number.POSITIVE_INFINITY,
};

const PARTS: Record<ImageFormat, (bytes: FileBytes) => Iterator<unknown>> = {
  jpeg: (bytes) => jpegSegments(bytes),
  png: pngChunks,
  gif: gifBlocks,
  webp: webpChunks,
  avif: (bytes) => boxesIn(bytes, { start: 0, end: bytes.size }),
  heic: (bytes) => boxesIn(bytes, { start: 0, end: bytes.size }),
  tiff: () => [].values(),
};

/** Whether the file has too many segments before its first scan, or too many chunks, blocks or outermost boxes. */
export function hasTooManyParts(bytes: FileBytes, format: ImageFormat): boolean {
  const parts = PARTS[format](bytes);
  for (let seen = 0; seen <= MAX_PARTS[format]; seen++) if (parts.next().done) return false;
  return true;
}
