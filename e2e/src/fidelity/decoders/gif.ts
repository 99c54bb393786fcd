import { readFile } from 'node:fs/promises';
import { GifReader } from 'omggif';
import { type Decoded, type EncodedFile, shownDelay } from './decoder.js';

/** The most that a WebP can count. */
const MAX_PLAYS = 65_535;
const RESTORE_BACKGROUND = 2;
const RESTORE_PREVIOUS = 3;

/** Composes the frames of a GIF as browsers do: the canvas starts transparent, and the background colour is unused. */
export async function decodeGif({
  path,
  maxFrames = Number.POSITIVE_INFINITY,
}: EncodedFile): Promise<Decoded> {
  const gif = new GifReader(await readFile(path));
  const { width, height } = gif;
  const frames = Array.from({ length: Math.min(gif.numFrames(), maxFrames) }, (_, i) => gif.frameInfo(i));
  let next = 0;
  let canvas = new Uint8Array(width * height * 4);
  let shown = canvas;
  return {
    width,
    height,
    delays: frames.map(({ delay }) => shownDelay(delay * 10)),
    plays: playsOf(gif.loopCount()),
    colour: 'srgb',
    bits: 8,
    quality: null,
    async frame(index) {
      if (index < next - 1) {
        next = 0;
        canvas = new Uint8Array(width * height * 4);
      }
      while (next <= index) advance();
      return shown;
    },
    async [Symbol.asyncDispose]() {},
  };

  function advance(): void {
    const frame = gif.frameInfo(next);
    const before = canvas;
    shown = canvas.slice();
    gif.decodeAndBlitFrameRGBA(next++, shown);
    canvas = frame.disposal === RESTORE_PREVIOUS ? before : shown;
    if (frame.disposal !== RESTORE_BACKGROUND) return;
    canvas = shown.slice();
    for (let y = frame.y; y < frame.y + frame.height; y++)
      canvas.fill(0, (y * width + frame.x) * 4, (y * width + frame.x + frame.width) * 4);
  }
}

/** A GIF counts repetitions after the first pass; without a count it is shown once. */
function playsOf(loopCount: number | null): number {
  if (loopCount === null) return 1;
  return loopCount === 0 ? 0 : Math.min(loopCount + 1, MAX_PLAYS);
}
