import type { FileBytes } from './bytes.js';
import { EOI, hasLength, jpegSegments, SOS } from './jpeg-segments.js';

export interface JpegScans {
  /** SOS markers met, at most one more than asked for. */
  scans: number;
  /** Whether the picture's end was met. */
  ended: boolean;
}

/**
 * Counts the scans of a JPEG up to its EOI, stopping once there are more than `most`. libvips has no limit of its own, and
 * each scan of a progressive file is a pass over the whole picture. In entropy-coded data FF is always followed by 00 or a
 * restart marker, so every other FF begins a segment (ITU-T T.81, B.1.1.2).
 */
export function countScans(bytes: FileBytes, most: number): JpegScans {
  let scans = 0;
  let at = 2;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    // Any number of FF may stand before a marker.
    while (at !== -1 && bytes.at(at + 1) === 0xff) at++;
    const marker = at === -1 ? undefined : bytes.at(at + 1);
    if (marker === undefined) return { scans, ended: false };
    if (marker === EOI) return { scans, ended: true };
    if (marker === SOS && ++scans > most) return { scans, ended: false };
    at += hasLength(marker) ? 2 + (bytes.number(at + 2, 2) || 0) : 2;
  }
}

/** Webcams leave up to some thirty bytes before a restart marker, and the picture is whole. */
const HARMLESS_BYTES = 64;

/**
 * Whether a warning of libjpeg's (jerror.h) means that pixels are lost. Of a whole file only the first one is told.
 */
export function tellsOfDamage(warning: string, bytes: FileBytes): boolean {
  const corrupt = /Corrupt JPEG data: (?:(\d+) extraneous bytes)?/.exec(warning);
  if (corrupt === null) return false;
  const extraneous = corrupt[1];
  return extraneous === undefined || (Number(extraneous) > HARMLESS_BYTES && !hasStrayBytes(bytes));
}

/** Whether some stand between the segments before the first scan, where no pixels are. */
function hasStrayBytes(bytes: FileBytes): boolean {
  for (const { isBehindStray } of jpegSegments(bytes)) if (isBehindStray) return true;
  return false;
}
