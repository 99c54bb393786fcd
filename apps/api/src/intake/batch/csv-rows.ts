import { finished } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { invalid } from '../options.js';
import { MAX_HELD_BYTES } from './draft.js';

const DELIMITERS = [',', ';', '\t'] as const;

/** A line by which Excel is told the delimiter. */
const SAID = /^sep=([,;\t])\r?\n/i;

/** The rows of a CSV body, with one character for each byte. */
export async function* csvRows(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const [line = '', said] = SAID.exec(head.toString('latin1', 0, 10)) ?? [];
  const parser = parse({
    delimiter: said ?? delimiterOf(head),
    // Both may come in one file, of which a part was pasted.
    record_delimiter: ['\r\n', '\n', '\r'],
    encoding: 'latin1',
    relax_quotes: true,
    relax_column_count: true,
  });
  let rows: string[][] = [];
  let row = 0;
  let sinceRow = 0;
  parser.on('data', (cells: string[]) => rows.push(cells));
  const end = finished(parser);
  // It is met by whoever writes next, and at the end.
  end.catch(() => {});
  try {
    for await (const chunk of chain(head.subarray(line.length), rest)) {
      await write(chunk);
      sinceRow = rows.length > 0 ? 0 : sinceRow + chunk.length;
      if (sinceRow > MAX_HELD_BYTES) throw NEVER_CLOSED(row + 1);
      yield* taken();
    }
    parser.end();
    await end;
  } catch (error) {
    throw error instanceof CsvError ? NEVER_CLOSED(row + 1) : error;
  }
  yield* taken();

  function write(chunk: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      parser.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }

  function taken(): string[][] {
    const found = rows;
    rows = [];
    row += found.length;
    return found;
  }
}

async function* chain(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

/** The delimiter that the header line has most of, outside of quotes. */
function delimiterOf(head: Buffer): string {
  const unquoted = head.toString('latin1').replace(/"[^"]*(?:"|$)/g, '');
  const [line = ''] = unquoted.replace(/^[\r\n]+/, '').split(/[\r\n]/, 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  return DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
}

const NEVER_CLOSED = (row: number) =>
  invalid(
    `A quote (") in or after row ${row}, counted with the header, is never closed, or the row is longer than ${MAX_HELD_BYTES} bytes. A quote within a quoted cell is written twice ("").`,
    `从第 ${row} 行（含表头）起有引号（"）没有闭合，或该行超过 ${MAX_HELD_BYTES} 字节。带引号的单元格内的引号须写成两个（""）。`,
  );
