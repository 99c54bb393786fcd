import type { ReportRow } from './rows.js';

/** A report as NDJSON: the caller's own columns by their name in `columns`. */
export async function* ndjsonReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  for await (const some of rows) {
    const lines = some.map(({ cells, ...row }) => {
      const own = Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']));
      return `${JSON.stringify({ ...row, columns: own })}\n`;
    });
    yield Buffer.from(lines.join(''));
  }
}
