import { expect, test } from 'vitest';
import { testRecord } from '../../testing/record.js';
import { abbreviate, CODES, expand, PARTS } from './abbreviate.js';
import { formatDocument } from './document.js';

const record = testRecord();
const files = `https://files.example/${record.id.slice(4)}`;

test.each([
  [
    'text like its parts',
    JSON.stringify({ ...record, metadata: { a: ',"bytes":', '\u0001!': '\u0001 \u007f' } }),
  ],
  ['an owner like a part', JSON.stringify({ ...record, owner: 'bat_1' })],
  ['another id', JSON.stringify({ ...record, id: 'img_1' })],
  ['another order', JSON.stringify({ owner: record.owner, id: record.id })],
  ['its id in URLs', JSON.stringify({ ...record, url: `${files}/main.jpg` })],
])('restores a document with %s', (_, json) => {
  const stored = abbreviate(json);
  expect(stored.length).toBeLessThanOrEqual(json.length);
  expect(expand(stored)).toBe(json);
});

test('stores each part as a code that no part or id begins with', () => {
  const begins = PARTS.slice(1).map((part) => part.charAt(0));
  const codes = PARTS.map((_, i) => CODES.charAt(i));
  expect(codes.filter((code) => !/^[^0-9a-f]$/.test(code) || begins.includes(code))).toEqual([]);
  expect(new Set(codes).size).toBe(PARTS.length);
});

test('does not know the codes of a newer version', () => {
  expect(expand('\u0001~')).toBeNull();
});

test('stores a waiting image in less than half of its JSON', () => {
  const stored = formatDocument(record);
  expect(stored.length).toBeLessThan((expand(stored)?.length ?? 0) / 2);
});
