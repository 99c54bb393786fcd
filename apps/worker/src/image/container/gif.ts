import type { FileBytes } from './bytes.js';

export interface GifBlock {
  type: 'image' | 'extension' | 'end';
  at: number;
}

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const PADDING = 0x00;

/** The blocks of a GIF (GIF89a 18 to 27). A truncated file yields no `end`. */
export function* gifBlocks(bytes: FileBytes): Generator<GifBlock> {
  let at = 13 + colourTableBytes(bytes.at(10));
  for (;;) {
    switch (bytes.at(at)) {
      case undefined:
        return;
      case IMAGE:
        yield { type: 'image', at };
        at = endOfSubBlocks(bytes, at + 11 + colourTableBytes(bytes.at(at + 9)));
        break;
      case EXTENSION:
        yield { type: 'extension', at };
        at = endOfSubBlocks(bytes, at + 2);
        break;
      case PADDING:
        at++;
        break;
      default:
        // The trailer. Browsers also stop at any unknown byte.
        yield { type: 'end', at };
        return;
    }
  }
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

function endOfSubBlocks(bytes: FileBytes, start: number): number {
  for (let at = start; ; ) {
    const length = bytes.at(at);
    if (length === undefined) return bytes.size;
    if (length === 0) return at + 1;
    at += 1 + length;
  }
}
