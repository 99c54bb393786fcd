import { csvLine } from '@pixdock/contract/csv-line';
import { REPORT_COLUMNS } from '@pixdock/contract/sheet/report-columns';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { ReportRow } from './rows.js';

/** Without it, Excel reads UTF-8 in the code page of its locale. */
const BOM = '\uFEFF';

/** A report as CSV in which spreadsheets execute no formulas. */
export async function* csvReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(BOM + csvLine([...columns, ...REPORT_COLUMNS]));
  const atOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / (columns.length + REPORT_COLUMNS.length)));
  for await (const some of rows)
    for (let at = 0; at < some.length; at += atOnce) {
      if (isSliceOver()) await nextSlice();
      const lines = some.slice(at, at + atOnce).map((row) => csvLine(cellsOf(row, columns.length)));
      yield Buffer.from(lines.join(''));
    }
}

/** Cells that are written without a pause, in about 2 ms. */
const CELLS_AT_ONCE = 2000;

function cellsOf({ cells, ...result }: ReportRow, columns: number) {
  const { row, externalId, status, url, code, reason, aiLabel, position, source } = result;
  const own = Array.from({ length: columns }, (_, i) => cells[i] ?? '');
  return [...own, row, externalId, status, url, code, reason, aiLabel, position, source.url];
}
