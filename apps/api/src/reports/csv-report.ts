import { csvLine } from '@pixdock/contract/csv-line';
import { failedRowColumns, reportColumns } from '@pixdock/contract/sheet/report-columns';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import { encodeGb18030 } from './encode-gb18030.js';
import type { ReportRow } from './rows.js';

/** The columns of a CSV file after the caller's own. */
interface AddedColumns {
  names: string[];
  /** At the beginning of the file. */
  mark: string;
  delimiter: BatchEntry['delimiter'];
  cellsOf: (row: ReportRow) => (string | number | null)[];
  encode: (text: string) => Uint8Array;
}

/** The columns that a report of all rows adds. */
export function addedColumns(own: readonly string[], variants: readonly string[]): AddedColumns {
  return {
    names: reportColumns(own, variants),
    mark: BOM,
    delimiter: ',',
    cellsOf({ row, id, externalId, status, url, code, reason, aiLabel, reusedId, position, ...rest }) {
      const urls = variants.map((name) => rest.variants[name]?.url ?? null);
      const last = [code, reason, aiLabel, reusedId, position, rest.source.url];
      return [row, id, externalId, status, url, ...urls, ...last];
    },
    encode: (text) => Buffer.from(text),
  };
}

/** The columns of the failed rows of a batch in JSON, under the names that a sheet needs. */
const OF_JSON = ['url', 'externalId', 'profile', 'metadata', 'deleteAfterSeconds'];

/** The rows of a batch that failed, to correct and submit again. @param rows those that failed */
export function failedReport(
  { format, columns, encoding, delimiter }: BatchEntry,
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  const isJson = format === 'json' || format === 'ndjson';
  const own = isJson ? OF_JSON : columns;
  const added: AddedColumns = {
    names: failedRowColumns(own),
    mark: encoding === 'gb18030' ? '' : BOM,
    delimiter,
    cellsOf: ({ row, reason, fix, position }) => [row, reason, fix, position],
    encode: (text) => (encoding === 'gb18030' ? encodeGb18030(text) : Buffer.from(text)),
  };
  return csvReport(own, added, isJson ? asSheet(rows) : rows);
}

async function* asSheet(groups: AsyncIterable<ReportRow[]>): AsyncGenerator<ReportRow[]> {
  for await (const rows of groups)
    yield rows.map((row) => {
      const { profile, metadata, deleteAfterSeconds } = row.submitted;
      const text = Object.keys(metadata).length === 0 ? '' : JSON.stringify(metadata);
      const time = deleteAfterSeconds === null ? '' : String(deleteAfterSeconds);
      return { ...row, cells: [row.cells[0] ?? '', row.externalId ?? '', profile, text, time] };
    });
}

/** Without it, Excel reads UTF-8 in the code page of its locale. */
const BOM = '\uFEFF';

/** A report as CSV in which spreadsheets execute no formulas. */
export async function* csvReport(
  columns: readonly string[],
  { names, mark, delimiter, cellsOf, encode }: AddedColumns,
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  yield encode(mark + csvLine([...columns, ...names], delimiter));
  const atOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / (columns.length + names.length)));
  for await (const some of rows)
    for (let at = 0; at < some.length; at += atOnce) {
      if (isSliceOver()) await nextSlice();
      const lines = some.slice(at, at + atOnce).map((row) => {
        const own = Array.from(columns, (_, i) => row.cells[i] ?? '');
        return csvLine([...own, ...cellsOf(row)], delimiter);
      });
      yield encode(lines.join(''));
    }
}

/** Cells that are written without a pause, in about 2 ms. */
const CELLS_AT_ONCE = 2000;
