import type { FileBytes } from './bytes.js';
import { EOI, hasLength, jpegSegments, SOS } from './jpeg-segments.js';

export interface JpegScans {
  /** SOS markers, counted up to one more than the limit. */
  scans: number;
  /** Whether the count reached EOI. */
  ended: boolean;
}

const SOS_MARKER = Buffer.of(0xff, SOS);

/** Whether a JPEG has more than `maxScans` scans. Each has its marker, so few pairs of these bytes need no exact count. */
export function hasTooManyScans(bytes: FileBytes, maxScans: number): boolean {
  let pairs = 0;
  for (let at = bytes.indexOf(SOS_MARKER, 0); at !== -1; at = bytes.indexOf(SOS_MARKER, at + 2))
    if (++pairs > maxScans) return countScans(bytes, maxScans).scans > maxScans;
  return false;
}

/**
 * Counts the scans of a JPEG up to its EOI or until they exceed `maxScans`. libvips has no limit, and each scan of a
 * progressive file is a pass over the whole image. In entropy-coded data, 00 or a restart marker follows each FF, so
 * every other FF starts a segment (ITU-T T.81, B.1.1.2).
 */
export function countScans(bytes: FileBytes, maxScans: number): JpegScans {
  let scans = 0;
  let at = 2;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    // Any number of FF fill bytes may precede a marker.
    while (at !== -1 && bytes.at(at + 1) === 0xff) at++;
    const marker = at === -1 ? undefined : bytes.at(at + 1);
    if (marker === undefined) return { scans, ended: false };
    if (marker === EOI) return { scans, ended: true };
    if (marker === SOS && ++scans > maxScans) return { scans, ended: false };
    at += hasLength(marker) ? 2 + (bytes.number(at + 2, 2) || 0) : 2;
  }
}

/** Webcams write about thirty extra bytes before a restart marker, and the image is whole. */
const HARMLESS_BYTES = 64;

/** Whether a libjpeg warning (jerror.h) means lost pixels. libjpeg reports only the first warning of a file. */
export function indicatesDamage(warning: string, bytes: FileBytes): boolean {
  const corrupt = /Corrupt JPEG data: (?:(\d+) extraneous bytes)?/.exec(warning);
  if (corrupt === null) return false;
  const extraneous = corrupt[1];
  return extraneous === undefined || (Number(extraneous) > HARMLESS_BYTES && !hasStrayBytes(bytes));
}

/** Whether stray bytes separate segments before the first scan, where they cannot damage pixels. */
function hasStrayBytes(bytes: FileBytes): boolean {
  for (const { followsStrayBytes } of jpegSegments(bytes)) if (followsStrayBytes) return true;
  return false;
}
