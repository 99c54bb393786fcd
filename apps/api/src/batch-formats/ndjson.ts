import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { openBlankCounter } from './blank-rows.js';
import { decodeText } from './text-encoding.js';
import {
  type Fault,
  MAX_ROW_BYTES,
  NOT_UTF8,
  rowFault,
  TOO_LONG_ROW,
  type UncheckedItem,
} from './unchecked-item.js';

const NOT_JSON = rowFault(null, 'row-not-json', {});

/** Yields the rows of an NDJSON body. Blank lines count in the row numbers but are not rows. */
export async function* ndjsonItems(chunks: AsyncIterable<Buffer>): AsyncGenerator<UncheckedItem> {
  const blank = openBlankCounter();
  let row = 0;
  for await (const line of linesOf(chunks)) {
    row++;
    const { value, fault } = read(line);
    if (fault !== null || value !== undefined) yield jsonRow(row, row, value, fault);
    else blank.add();
  }
}

/** A row of a JSON format. Its only cell is the URL as the caller wrote it. */
export function jsonRow(
  row: number,
  line: number | null,
  value: unknown,
  fault: Fault | null,
): UncheckedItem {
  const url = (value as { url?: unknown } | null | undefined)?.url;
  return { row, line, cells: [typeof url === 'string' ? url : ''], value, fault };
}

function read(line: Buffer | null): { value?: unknown; fault: Fault | null } {
  if (line === null) return { fault: TOO_LONG_ROW };
  if (line.length === 0) return { fault: null };
  const text = decodeText(line, 'utf-8')?.replace(/^\uFEFF/, '');
  if (text === undefined) return { fault: NOT_UTF8 };
  if (text.trim() === '') return { fault: null };
  try {
    return { value: JSON.parse(text), fault: null };
  } catch {
    return { fault: NOT_JSON };
  }
}

const LINE_FEED = 0x0a;

/** Yields the lines of a body without line ends; null for a line that is too long, which is not kept in memory. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | null> {
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
