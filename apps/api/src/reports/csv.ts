import { inertCell } from '@pixdock/contract/inert-cell';
import { REPORT_COLUMNS } from '@pixdock/contract/sheet/report-columns';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { stringify } from 'csv-stringify/sync';
import type { ReportRow } from './rows.js';

/** Without it, Excel reads UTF-8 in the code page of its locale. */
const BOM = '\uFEFF';

/** A report as CSV in which spreadsheets execute no formulas. */
export async function* csvReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  yield encode([[...columns, ...REPORT_COLUMNS]], BOM);
  // Each call creates a writer, so it gets many rows, but no more than it writes in a few milliseconds.
  const atOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / (columns.length + REPORT_COLUMNS.length)));
  for await (const some of rows)
    for (let at = 0; at < some.length; at += atOnce) {
      if (isSliceOver()) await nextSlice();
      yield encode(some.slice(at, at + atOnce).map((row) => cellsOf(row, columns.length)));
    }
}

/** Cells that are written without a pause, in about 2 ms. */
const CELLS_AT_ONCE = 2000;

function cellsOf({ cells, ...result }: ReportRow, columns: number) {
  const { row, externalId, status, url, code, reason, aiLabel, position, source } = result;
  const own = Array.from({ length: columns }, (_, i) => cells[i] ?? '');
  return [...own, row, externalId, status, url, code, reason, aiLabel, position, source.url];
}

function encode(lines: (string | number | null)[][], before = ''): Uint8Array {
  const safe = lines.map((line) => line.map((cell) => (typeof cell === 'string' ? inertCell(cell) : cell)));
  return Buffer.from(before + stringify(safe, { record_delimiter: 'windows', quoted_match: LINE_BREAK }));
}

/** The writer quotes only cells with CRLF, but readers end a row at CR or LF, too. */
const LINE_BREAK = /[\r\n]/;
