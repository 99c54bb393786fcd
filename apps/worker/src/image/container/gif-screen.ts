import type { FileBytes } from './bytes.js';
import { gifBlocks, littleEndian } from './gif.js';

/**
 * Whether the first frame leaves a part of the screen empty. Browsers show transparency there. libvips does so only if a
 * frame has a transparent colour, and shows black otherwise.
 */
export function showsBackground(bytes: FileBytes, screen: { width: number; height: number }): boolean {
  for (const { type, at } of gifBlocks(bytes)) if (type === 'image') return !covers(bytes, at, screen);
  return false;
}

function covers(bytes: FileBytes, image: number, { width, height }: { width: number; height: number }) {
  const [left = 0, top = 0, across = 0, down = 0] = [1, 3, 5, 7].map((at) => littleEndian(bytes, image + at));
  return left === 0 && top === 0 && across >= width && down >= height;
}

const TRAILER = Buffer.of(0x3b);
/** A frame of one pixel with a transparent colour, and the trailer. */
const TRANSPARENT_FRAME = Buffer.from('21f90401000000002c00000000010001000002024401003b', 'hex');
/** One zero byte of pixel data. libnsgif reads a byte past a last code that ends with its byte, and drops the code without it. */
const ZERO_BYTE = Buffer.of(1, 0);

/**
 * A copy that libvips decodes whole and, with `needsAlpha`, with an alpha channel: it has a trailer, a byte more in the
 * data of each frame, which decoders ignore after the last pixel, and a transparent frame at the end, which is never decoded.
 */
export function completeGif(bytes: FileBytes, needsAlpha: boolean): Buffer {
  const parts: Buffer[] = [];
  let copied = 0;
  let end = bytes.size;
  for (const { type, at, next } of gifBlocks(bytes)) {
    if (type === 'end') end = at;
    if (type !== 'image' || next === null) continue;
    const terminator = next - 1;
    parts.push(bytes.slice(copied, terminator - copied), ZERO_BYTE);
    copied = terminator;
  }
  parts.push(bytes.slice(copied, end - copied));
  return Buffer.concat([...parts, needsAlpha ? TRANSPARENT_FRAME : TRAILER]);
}
