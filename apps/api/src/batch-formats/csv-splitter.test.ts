import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCsvSplitter } from './csv-splitter.js';

/** The rows of a text that is split into pieces of these lengths. */
function splitInPieces(text: string, lengths: readonly number[]): (string[] | null)[] | null {
  const splitter = openCsvSplitter(',');
  const rows: (string[] | null)[] = [];
  let at = 0;
  for (const length of [...lengths, text.length]) {
    rows.push(...splitter.split(text.slice(at, at + length)));
    at += length;
  }
  const last = splitter.end();
  return last === null ? null : [...rows, ...last];
}

function parsed(text: string): string[][] | null {
  try {
    return parse(text, {
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_quotes: true,
      relax_column_count: true,
    });
  } catch {
    return null;
  }
}

test('reads the same rows as csv-parse, however the text is split', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\r', '\n', '""', '",', '\n"') });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 }), (csv, lengths) => {
      expect(splitInPieces(csv, lengths)).toEqual(parsed(csv));
    }),
    { numRuns: 3000 },
  );
});

test('does not keep a too long row in memory', () => {
  const rows = splitInPieces(
    `a,b\n${'x'.repeat(65_536)}\n${','.repeat(65_536)}\n"${'y,'.repeat(40_000)}"\nc`,
    [5, 30_000, 40_000],
  );
  expect(rows).toEqual([['a', 'b'], null, null, null, ['c']]);
});
