import type { FileBytes } from './bytes.js';

export const SOS = 0xda;
export const EOI = 0xd9;

interface Segment {
  marker: number;
  /** Position of the FF before the marker. */
  at: number;
  /** Position of the data, after the length. */
  start: number;
  length: number;
  /** Whether bytes outside any segment precede it. */
  followsStrayBytes: boolean;
}

/** Real files have a few hundred. A dozen readers walk them. */
export const MAX_SEGMENTS = 200_000;

/** The segments of the JPEG at `origin`, up to and including its first SOS or EOI (ITU-T T.81, B.1.1). */
export function* jpegSegments(bytes: FileBytes, origin = 0): Generator<Segment> {
  for (let end = origin + 2, segments = 0; segments <= MAX_SEGMENTS; segments++) {
    let at = bytes.indexOf(0xff, end);
    const followsStrayBytes = at !== end;
    // Any number of FF fill bytes may precede a marker.
    while (at !== -1 && bytes.at(at + 1) === 0xff) at++;
    const marker = at === -1 ? undefined : bytes.at(at + 1);
    if (marker === undefined) return;
    const length = hasLength(marker) ? bytes.number(at + 2, 2) || 0 : 0;
    yield { marker, at, start: at + 4, length: Math.max(0, length - 2), followsStrayBytes };
    if (marker === SOS || marker === EOI) return;
    end = at + 2 + length;
  }
}

/** DHT, JPG and DAC, between the markers of frame headers (ITU-T T.81, table B.1). */
const NOT_FRAMES = [0xc4, 0xc8, 0xcc];

/** Bits per sample of the first frame; undefined without a frame. */
export function sampleBits(bytes: FileBytes): number | undefined {
  for (const { marker, start } of jpegSegments(bytes))
    if (marker >= 0xc0 && marker <= 0xcf && !NOT_FRAMES.includes(marker)) return bytes.at(start);
  return undefined;
}

/*
 * RSTn, SOI and EOI have no length. After a marker below SOF0, which valid files do not contain, libjpeg continues with the
 * next byte. This reader does the same; otherwise such a marker could hide scans.
 */
export function hasLength(marker: number): boolean {
  return marker >= 0xc0 && !(marker >= 0xd0 && marker <= 0xd9);
}
