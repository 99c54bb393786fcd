import { openBlankCounter } from './blank.js';
import { type Draft, type Fault, NOT_UTF8, rowFault, TOO_LONG_ROW } from './draft.js';
import { linesOf } from './lines.js';
import { decodeText } from './text-encoding.js';

const NOT_JSON = rowFault(null, 'row-not-json', {});

/** The rows of an NDJSON body: its lines, counted with the blank ones, which are no rows. */
export async function* ndjsonDrafts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Draft> {
  const blank = openBlankCounter();
  let row = 0;
  for await (const line of linesOf(chunks)) {
    row++;
    const { value, fault } = read(line);
    if (fault !== null || value !== undefined) yield jsonDraft(row, value, fault);
    else blank.add();
  }
}

/** A row of a form that has only the one column, the address as it was written. */
export function jsonDraft(row: number, value: unknown, fault: Fault | null): Draft {
  const url = (value as { url?: unknown } | null | undefined)?.url;
  return { row, cells: [typeof url === 'string' ? url : ''], value, fault };
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
