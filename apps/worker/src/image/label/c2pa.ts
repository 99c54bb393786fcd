import type { ImageFormat } from '@pixdock/contract/media-type';
import type { FileBytes } from '../container/bytes.js';
import { gifBlocks } from '../container/gif.js';
import { boxesIn } from '../container/heif.js';
import { jpegSegments } from '../container/jpeg-segments.js';
import { pngChunks } from '../container/png.js';
import { webpChunks } from '../container/webp.js';

/** Whether the file contains a C2PA manifest (C2PA 2.2, A.3). It is not read: its signature ends with re-encoding. */
export function hasC2pa(bytes: FileBytes, format: ImageFormat): boolean {
  return CHECKS[format](bytes);
}

const CHECKS: Record<ImageFormat, (bytes: FileBytes) => boolean> = {
  jpeg: hasJpegManifest,
  png(bytes) {
    for (const { type } of pngChunks(bytes)) if (type === 'caBX') return true;
    return false;
  },
  webp(bytes) {
    for (const { type } of webpChunks(bytes)) if (type === 'C2PA') return true;
    return false;
  },
  avif: hasHeifManifest,
  heic: hasHeifManifest,
  gif(bytes) {
    for (const { at } of gifBlocks(bytes)) if (bytes.text(at, 11) === '!\xff\x0bC2PA_GIF') return true;
    return false;
  },
  tiff: () => false,
};

const APP11 = 0xeb;
/** In the segment: JP, instance and sequence (8 bytes), the head of the box, then the description box with the type. */
const JUMBF = { boxType: 12, descriptionType: 24 };

// JPEG XT (ISO/IEC 18477-3 B.5) carries JUMBF (ISO/IEC 19566-5) in APP11.
function hasJpegManifest(bytes: FileBytes): boolean {
  for (const { marker, start } of jpegSegments(bytes)) {
    if (marker !== APP11 || bytes.text(start, 2) !== 'JP') continue;
    const isJumbf = bytes.text(start + JUMBF.boxType, 4) === 'jumb';
    if (isJumbf && bytes.text(start + JUMBF.descriptionType, 4) === 'c2pa') return true;
  }
  return false;
}

const C2PA_UUID = 'd8fec3d61b0e483c92975828877ec481';

function hasHeifManifest(bytes: FileBytes): boolean {
  for (const { type, start } of boxesIn(bytes, { start: 0, end: bytes.size }))
    if (type === 'uuid' && bytes.slice(start, 16).toString('hex') === C2PA_UUID) return true;
  return false;
}
