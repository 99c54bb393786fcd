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

/**
 * A copy that libvips decodes whole and, with `needsAlpha`, with an alpha channel: it has a trailer and one additional,
 * transparent frame at the end, which is never decoded. Null if the file needs neither.
 */
export function completeGif(bytes: FileBytes, needsAlpha: boolean): Buffer | null {
  let end = bytes.size;
  let hasEnd = false;
  for (const { type, at } of gifBlocks(bytes)) {
    if (type !== 'end') continue;
    end = at;
    hasEnd = true;
  }
  if (hasEnd && !needsAlpha) return null;
  return Buffer.concat([bytes.slice(0, end), needsAlpha ? TRANSPARENT_FRAME : TRAILER]);
}
