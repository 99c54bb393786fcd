import type { FileBytes } from './bytes.js';

export interface GifBlock {
  type: 'image' | 'extension' | 'end';
  at: number;
  /** Position of the next block; null if the end of this one is missing. */
  next: number | null;
}

const IMAGE = 0x2c;
const EXTENSION = 0x21;

/** The logical screen (GIF89a 18). */
export function screenOf(bytes: FileBytes): { width: number; height: number } {
  return { width: littleEndian(bytes, 6), height: littleEndian(bytes, 8) };
}

export const littleEndian = (bytes: FileBytes, at: number) =>
  (bytes.at(at) ?? 0) + 256 * (bytes.at(at + 1) ?? 0);

/** The blocks of a GIF (GIF89a 18 to 27). A truncated file yields no `end`. */
export function* gifBlocks(bytes: FileBytes): Generator<GifBlock> {
  for (let at: number | null = 13 + colourTableBytes(bytes.at(10)); at !== null; ) {
    // Zeros between blocks are padding.
    const block = blockAt(bytes, bytes.endOfZeros(at));
    if (block === null) return;
    yield block;
    if (block.type === 'end') return;
    at = block.next;
  }
}

/** Null at the end of the file. */
function blockAt(bytes: FileBytes, at: number): GifBlock | null {
  switch (bytes.at(at)) {
    case undefined:
      return null;
    case IMAGE:
      return { type: 'image', at, next: endOfSubBlocks(bytes, at + 11 + colourTableBytes(bytes.at(at + 9))) };
    case EXTENSION:
      return { type: 'extension', at, next: endOfSubBlocks(bytes, at + 2) };
    default:
      // The trailer. Browsers also stop at any unknown byte.
      return { type: 'end', at, next: null };
  }
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

function endOfSubBlocks(bytes: FileBytes, start: number): number | null {
  for (let at = start; ; ) {
    const length = bytes.at(at);
    if (length === undefined) return null;
    if (length === 0) return at + 1;
    at += 1 + length;
  }
}
