import { expect, it } from 'vitest';
import { failedRowColumns, reportColumns, splitHeader } from './report-columns.js';

const VARIANTS = ['thumb', 'list-2x'];

it.each([
  [['图片链接', '货号']],
  [['url', 'ID', ' Status ']],
  [['thumb.url', 'pixdock_url', 'url']],
  [['url', 'url', 'position', 'reason', 'fix', 'row']],
  [[]],
])('finds the own columns %j in their reports, and names none twice', (own) => {
  for (const added of [reportColumns(own, VARIANTS), reportColumns(own, []), failedRowColumns(own)]) {
    const header = [...own, ...added];
    expect(splitHeader(header)).toEqual({
      own,
      position: header.findLastIndex((name) => name.endsWith('position')),
      isReport: true,
    });
    expect(new Set([...own.map((name) => name.trim().toLowerCase()), ...added]).size).toBe(
      new Set(own.map((name) => name.trim().toLowerCase())).size + added.length,
    );
  }
});

it('puts a prefix before its own names only', () => {
  expect(failedRowColumns(['Reason', 'pixdock_reason'])).toEqual([
    'row',
    'pixdock_pixdock_reason',
    'fix',
    'position',
  ]);
  expect(reportColumns(['sku'], ['thumb']).slice(0, 6)).toEqual([
    'row',
    'id',
    'externalId',
    'status',
    'url',
    'thumb.url',
  ]);
});

it.each([
  [['url', 'position']],
  [['row', 'reason', 'fix']],
  [['code', 'reason', 'aiLabel', 'reusedId', 'position', 'source.url']],
])('takes %j for columns of the caller', (header) => {
  expect(splitHeader(header)).toEqual({ own: header, position: null, isReport: false });
});
