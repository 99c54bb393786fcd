import type { FileBytes } from './bytes.js';

const SOS = 0xda;
const EOI = 0xd9;

interface Segment {
  marker: number;
  /** Where its data begins, behind its length. */
  start: number;
  length: number;
}

/** The segments before the first scan of a JPEG (ITU-T T.81, B.1.1.4). */
export function* jpegSegments(bytes: FileBytes): Generator<Segment> {
  for (let at = 2; ; ) {
    at = bytes.indexOf(0xff, at);
    // Any number of FF may stand before a marker.
    while (at !== -1 && bytes.at(at + 1) === 0xff) at++;
    const marker = at === -1 ? undefined : bytes.at(at + 1);
    if (marker === undefined || marker === SOS || marker === EOI) return;
    const length = hasLength(marker) ? bytes.number(at + 2, 2) || 0 : 0;
    if (length >= 2) yield { marker, start: at + 4, length: length - 2 };
    at += 2 + length;
  }
}

/*
 * RSTn, SOI and EOI stand alone. libjpeg searches on behind markers below SOF0, which no JPEG has, without skipping
 * anything: neither do we, or scans could be hidden in them.
 */
export function hasLength(marker: number): boolean {
  return marker >= 0xc0 && !(marker >= 0xd0 && marker <= 0xd9);
}
