import { shownDelay } from './decoder.js';

/** Facts of a WebP that its container tells (RFC 9649). */
export interface WebpFacts {
  isLossless: boolean;
  delays: number[];
  /** How often the animation is shown; 0 is forever. */
  plays: number;
}

const FRAME_HEADER = 16;

/** Reads the chunks of a WebP, including those of its frames. */
export function readWebp(bytes: Buffer): WebpFacts {
  const facts: WebpFacts = { isLossless: true, delays: [], plays: 1 };
  read(bytes.subarray(12));
  return facts;

  function read(chunks: Buffer): void {
    for (let at = 0; at + 8 <= chunks.length; ) {
      const name = chunks.toString('latin1', at, at + 4);
      const length = chunks.readUInt32LE(at + 4);
      const data = chunks.subarray(at + 8, at + 8 + length);
      if (name === 'VP8 ') facts.isLossless = false;
      if (name === 'ANIM') facts.plays = data.readUInt16LE(4);
      if (name === 'ANMF') {
        facts.delays.push(shownDelay(data.readUIntLE(12, 3)));
        read(data.subarray(FRAME_HEADER));
      }
      at += 8 + length + (length % 2);
    }
  }
}
