import type { FileBytes } from './bytes.js';

export const SOS = 0xda;
export const EOI = 0xd9;

interface Segment {
  marker: number;
  /** Of the FF before the marker. */
  at: number;
  /** Where its data begins, behind its length. */
  start: number;
  length: number;
  /** Whether bytes stand before it that belong to none. */
  isBehindStray: boolean;
}

/** The segments of a JPEG up to the first scan's, or the end's (ITU-T T.81, B.1.1). */
export function* jpegSegments(bytes: FileBytes): Generator<Segment> {
  for (let end = 2; ; ) {
    let at = bytes.indexOf(0xff, end);
    const isBehindStray = at !== end;
    // Any number of FF may stand before a marker.
    while (at !== -1 && bytes.at(at + 1) === 0xff) at++;
    const marker = at === -1 ? undefined : bytes.at(at + 1);
    if (marker === undefined) return;
    const length = hasLength(marker) ? bytes.number(at + 2, 2) || 0 : 0;
    yield { marker, at, start: at + 4, length: Math.max(0, length - 2), isBehindStray };
    if (marker === SOS || marker === EOI) return;
    end = at + 2 + length;
  }
}

/*
 * RSTn, SOI and EOI stand alone. libjpeg searches on behind markers below SOF0, which no JPEG has, without skipping
 * anything: neither do we, or scans could be hidden in them.
 */
export function hasLength(marker: number): boolean {
  return marker >= 0xc0 && !(marker >= 0xd0 && marker <= 0xd9);
}
