import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { MAX_ROW_BYTES } from './unchecked-row.js';

const LINE_FEED = 0x0a;

/** Yields the lines of a body without line ends; null for a line that is too long, which is not kept in memory. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | null> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      if (isSliceOver()) await nextSlice();
      hold(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    hold(chunk.subarray(from));
  }
  if (length > 0) yield line();

  function hold(piece: Buffer): void {
    length += piece.length;
    if (length > MAX_ROW_BYTES) pieces = [];
    else if (piece.length > 0) pieces.push(piece);
  }

  function line(): Buffer | null {
    const whole = length > MAX_ROW_BYTES ? null : Buffer.concat(pieces);
    pieces = [];
    length = 0;
    return whole;
  }
}
