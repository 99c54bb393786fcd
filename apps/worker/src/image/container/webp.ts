import type { FileBytes } from './bytes.js';

/** A file has a few chunks, and an animation one for each frame. */
const MAX_CHUNKS = 100_000;

/** The chunks of a WebP (RFC 9649 2.3). */
export function* webpChunks(bytes: FileBytes): Generator<{ type: string; start: number; length: number }> {
  let at = 12;
  for (let chunks = 0; chunks < MAX_CHUNKS && at + 8 <= bytes.size; chunks++) {
    const [a = 0, b = 0, c = 0, d = 0] = [4, 5, 6, 7].map((place) => bytes.at(at + place));
    const length = a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
    yield { type: bytes.text(at, 4), start: at + 8, length };
    at += 8 + length + (length % 2);
  }
}
