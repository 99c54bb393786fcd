import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { invalid } from '../http/invalid.js';
import { openBlankCounter } from './blank-rows.js';
import { type Cells, openCsvSplitter } from './csv-splitter.js';
import { MAX_HELD_BYTES } from './unchecked-item.js';

const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The line that sets the delimiter for Excel. */
const SEPARATOR_LINE = /^sep=([,;\t])\r?\n/i;

/** A row of a CSV body that is not blank. */
export interface CsvRow {
  /** As a spreadsheet numbers it: from 1; the header and blank rows count too. */
  row: number;
  /** As an editor numbers the line where the row begins. */
  line: number;
  /** One character per byte; null for a row longer than MAX_ROW_BYTES. */
  cells: Cells;
}

/** The delimiter of a CSV body, from its beginning: that of its first line for Excel, or else the most frequent one of the header. */
export function delimiterOf(head: Buffer): Delimiter {
  const [, named] = SEPARATOR_LINE.exec(head.toString('latin1', 0, 10)) ?? [];
  return DELIMITERS.find((one) => one === named) ?? mostFrequent(head);
}

/**
 * Yields the rows of a CSV body.
 * @throws PixdockError invalid_request for a quote without an end, or more blank rows than MAX_BLANK_ROWS
 */
export async function* csvRows(
  head: Buffer,
  rest: AsyncIterable<Buffer>,
  delimiter: Delimiter,
): AsyncGenerator<CsvRow> {
  const [line = ''] = SEPARATOR_LINE.exec(head.toString('latin1', 0, 10)) ?? [];
  const splitter = openCsvSplitter(delimiter);
  const blank = openBlankCounter();
  // The line that sets the delimiter is not a row.
  const lineOfRow = () => splitter.lineOfRow() + (line === '' ? 0 : 1);
  let row = 0;
  let sinceRow = 0;
  for await (const chunk of chain(head.subarray(line.length), rest)) {
    const before = row;
    for (const cells of splitter.split(chunk.toString('latin1'))) {
      if (isSliceOver()) await nextSlice();
      row++;
      if (isBlank(cells)) blank.add();
      else yield { row, line: lineOfRow(), cells };
    }
    if (isSliceOver()) await nextSlice();
    sinceRow = row > before ? 0 : sinceRow + chunk.length;
    if (sinceRow > MAX_HELD_BYTES) throw NEVER_CLOSED(row + 1);
  }
  const last = splitter.end();
  if (last === null) throw NEVER_CLOSED(row + 1);
  for (const cells of last) {
    row++;
    if (!isBlank(cells)) yield { row, line: lineOfRow(), cells };
  }
}

/** Whether all cells of a row are blank. */
export function isBlank(cells: Cells): boolean {
  return cells?.every((cell) => cell.trim() === '') === true;
}

async function* chain(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

/** The most frequent delimiter of the header line outside quotes. */
function mostFrequent(head: Buffer): Delimiter {
  const unquoted = head.toString('latin1').replace(/"[^"]*(?:"|$)/g, '');
  const [line = ''] = unquoted.replace(/^[\r\n]+/, '').split(/[\r\n]/, 1);
  const count = (delimiter: Delimiter) => line.split(delimiter).length;
  return DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
}

const NEVER_CLOSED = (row: number) => invalid('csv-open-quote', { row, max: MAX_HELD_BYTES });
