import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { ReportRow } from './rows.js';

/** A report as NDJSON: `columns` has the caller's own columns by name; the second column with a name is `name 2`. */
export async function* ndjsonReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  const names = distinct(columns);
  for await (const some of rows) {
    let lines = '';
    for (const { cells, ...row } of some) {
      if (isSliceOver()) await nextSlice();
      const own = Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
      lines += `${JSON.stringify({ ...row, columns: own })}\n`;
    }
    yield Buffer.from(lines);
  }
}

function distinct(columns: readonly string[]): string[] {
  const used = new Set(columns);
  const times = new Map<string, number>();
  return columns.map((column) => {
    let time = (times.get(column) ?? 0) + 1;
    while (time > 1 && used.has(`${column} ${time}`)) time++;
    times.set(column, time);
    return time === 1 ? column : `${column} ${time}`;
  });
}
