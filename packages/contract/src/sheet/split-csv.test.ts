import { expect, test } from 'vitest';
import { splitCsv } from './split-csv.js';

test('splits quoted cells, counts blank rows, and leaves out a row that the head cuts off', () => {
  const text = 'id,url\r\n1,"a, ""b""\nc"\n\n2,d\n3,cut';
  expect(splitCsv(text, false, 10)).toEqual([
    { cells: ['id', 'url'], row: 1, end: 8 },
    { cells: ['1', 'a, "b"\nc'], row: 2, end: 23 },
    { cells: ['2', 'd'], row: 4, end: 28 },
  ]);
  expect(splitCsv(text, true, 10).at(-1)).toEqual({ cells: ['3', 'cut'], row: 5, end: text.length });
  expect(splitCsv(text, true, 2)).toHaveLength(2);
});

test.each([';', '\t'])('finds the delimiter %j', (delimiter) => {
  const [header] = splitCsv(`id${delimiter}url, main${delimiter}name\n`, true, 1);
  expect(header?.cells).toEqual(['id', 'url, main', 'name']);
});
