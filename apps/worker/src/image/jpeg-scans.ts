import type { FileBytes } from './bytes.js';
import { hasLength } from './jpeg-segments.js';

const SOS = 0xda;
const EOI = 0xd9;

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
