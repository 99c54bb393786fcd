import { expect, test } from 'vitest';
import { guessColumns, lacksHeader, mappingOf } from './guess-columns.js';

test.each([
  [
    ['货号', '主图链接', '品牌'],
    ['externalId', 'url', 'none'],
  ],
  [
    ['SKU', 'Image URL 1', 'Image URL 2', 'ID'],
    ['externalId', 'url', 'url', 'none'],
  ],
  [
    ['Article no.', 'Picture'],
    ['externalId', 'url'],
  ],
  [
    ['货号', '主图', '细节图链接', 'Back image URL 2', '链接说明'],
    ['externalId', 'url', 'url', 'url', 'none'],
  ],
  [
    ['external_id', 'url', 'profile', 'sha256'],
    ['externalId', 'url', 'profile', 'sha256'],
  ],
  [
    ['id', 'url', 'external_id', '处理方案', '门店'],
    ['none', 'url', 'externalId', 'profile', 'none'],
  ],
  [
    ['url', 'metadata.shop', 'Metadata.'],
    ['url', 'metadata', 'none'],
  ],
])('guesses %j', (columns, fields) => {
  expect(guessColumns({ columns, rows: [] })).toEqual(fields);
});

test('finds URLs by the cells where no header names them', () => {
  const rows = [{ cells: ['1', 'https://a.example/1.jpg'] }, { cells: ['2', ''] }];
  expect(guessColumns({ columns: ['Nummer', 'Bild'], rows })).toEqual(['none', 'url']);
});

test('takes no URL for a header', () => {
  const rows = [{ cells: ['2', 'https://a.example/2.jpg'] }];
  expect(guessColumns({ columns: ['1', 'https://a.example/1.jpg'], rows })).toEqual(['none', 'none']);
  expect(guessColumns({ columns: ['https://a.example/1.jpg', '-'], rows })).toEqual(['none', 'none']);
  const headers = ['1', 'https://a.example/1.jpg'];
  expect(lacksHeader(headers, ['none', 'none'])).toBe(true);
  expect(lacksHeader(headers, ['none', 'url'])).toBe(true);
  expect(lacksHeader(headers, ['url', 'none'])).toBe(false);
});

test('maps chosen columns, metadata below their header', () => {
  expect(mappingOf(['货号', '链接', '品牌', '备注'], ['externalId', 'url', 'metadata', 'none'])).toEqual({
    货号: 'externalId',
    链接: 'url',
    品牌: 'metadata.品牌',
  });
});

test('maps a column named metadata.KEY to that key', () => {
  expect(mappingOf(['Metadata.shop'], ['metadata'])).toEqual({ 'Metadata.shop': 'metadata.shop' });
  expect(mappingOf(['a,b:c'], ['metadata'])).toEqual({ 'a,b:c': 'metadata.a b c' });
});
