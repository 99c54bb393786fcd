import { stringify } from 'csv-stringify/sync';
import { REPORT_COLUMNS } from './columns.js';
import type { ReportRow } from './rows.js';

/** Without it Excel takes UTF-8 for the code page of the country. */
const BOM = '\uFEFF';

/** A report as CSV that spreadsheets open and do not execute. */
export async function* csvReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  yield encode([[...columns, ...REPORT_COLUMNS]], BOM);
  for await (const some of rows)
    yield encode(
      some.map(({ cells, row, externalId, status, url, code, reason }) => {
        const own = columns.map((_, i) => cells[i] ?? '');
        return [...own, row, externalId, status, url, code, reason];
      }),
    );
}

function encode(lines: (string | number | null)[][], before = ''): Uint8Array {
  const safe = lines.map((line) => line.map((cell) => (typeof cell === 'string' ? inert(cell) : cell)));
  return Buffer.from(before + stringify(safe, { record_delimiter: 'windows', quoted_match: LINE_BREAK }));
}

/** Of itself the writer quotes what holds a CRLF, but to a reader either half of one ends a row. */
const LINE_BREAK = /[\r\n]/;

/** A cell that begins so is a formula to Excel, LibreOffice or WPS; a number is not, and stays one. */
const FORMULA = /^(?:[\t\r]|\s*[=+\-@＝＋－＠])/u;
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*$/;

function inert(cell: string): string {
  return FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}
