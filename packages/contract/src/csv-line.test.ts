import { expect, it } from 'vitest';
import { csvLine } from './csv-line.js';

const SEPARATORS = [',', ';', '\t', '\n', '\r', '\r\n'];
const STARTERS = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/** The cells that a spreadsheet with this separator sees, which knows only quotes at the beginning of a cell. */
function read(text: string, separator: string): string[] {
  const cells: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const [whole, inQuotes = ''] = /^"((?:[^"]|"")*)"/.exec(rest) ?? [''];
    const tail = rest.slice(whole.length);
    const end = tail.search(separator === ',' ? /[,\r\n]/ : separator === ';' ? /[;\r\n]/ : /[\t\r\n]/);
    cells.push(inQuotes.replaceAll('""', '"') + (end < 0 ? tail : tail.slice(0, end)));
    rest = end < 0 ? '' : tail.slice(end + 1);
  }
  return cells;
}

const isFormula = (cell: string) => /^\s*[=+\-@＝＋－＠]/u.test(cell) && !/^[+-]?[\d.,]+$/.test(cell);

const INNER = SEPARATORS.flatMap((separator) =>
  STARTERS.flatMap((starter) => ['', ' ', '"', ' " '].map((before) => `x${separator}${before}${starter}1+1`)),
);

it.each([',', ';', '\t'])('shows no formula to a spreadsheet that separates cells at %j', (separator) => {
  const cells = [...INNER, ...STARTERS.map((starter) => `${starter}1+1`)];
  expect(cells.length).toBeGreaterThan(190);
  for (const cell of cells)
    for (const line of [csvLine([cell]), csvLine(['first', 1, cell, `${cell}${separator}y`])])
      expect(read(line, separator).filter(isFormula), JSON.stringify(cell)).toEqual([]);
});

it.each(SEPARATORS)('keeps a cell with %j one cell for readers of CSV', (separator) => {
  expect(csvLine([`x${separator}y`, null, 2])).toBe(`"x${separator}y",,2\r\n`);
});

it.each([
  ['x;=1+1', `"x;'=1+1"`],
  ['=1;=2', `"'=1;'=2"`],
  ['5;+1,234.50;-x', `"5;+1,234.50;'-x"`],
  ['a=1', 'a=1'],
  ['-5', '-5'],
  ['\tx', `"'\tx"`],
  ['say "no"', '"say ""no"""'],
])('writes %j as %s', (cell, written) => {
  expect(csvLine([cell])).toBe(`${written}\r\n`);
});
