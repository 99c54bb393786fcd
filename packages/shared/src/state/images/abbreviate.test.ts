import { expect, test } from 'vitest';
import { testRecord } from '../../testing/record.js';
import { abbreviate, CODES, PARTS, unabbreviate } from './abbreviate.js';
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
  expect(unabbreviate(stored)).toBe(json);
});

test('has a code for each part, and finds the longest part', () => {
  expect(new Set(CODES.slice(0, PARTS.length)).size).toBe(PARTS.length);
  const shadowed = PARTS.filter((part, i) => PARTS.slice(0, i).some((before) => part.startsWith(before)));
  expect(shadowed).toEqual([]);
});

test('does not know the codes of a newer version', () => {
  expect(unabbreviate('\u0001~')).toBeNull();
});

test('stores a waiting image in less than half of its JSON', () => {
  const stored = formatDocument(record);
  expect(stored.length).toBeLessThan((unabbreviate(stored)?.length ?? 0) / 2);
});
