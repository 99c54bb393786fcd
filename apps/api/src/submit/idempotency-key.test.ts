import { expect, test } from 'vitest';
import { parseIdempotencyKey } from './idempotency-key.js';

test.each([
  [undefined, null],
  ['bare-key', 'bare-key'],
  ['"quoted key"', 'quoted key'],
  ['"with \\"quotes\\" and \\\\"', 'with "quotes" and \\'],
  ['  padded ', 'padded'],
  ['"half', '"half'],
  ['k'.repeat(255), 'k'.repeat(255)],
  [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
])('%j is %j', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});

test.each(['', '""', ' ', 'k'.repeat(256), `"${'k'.repeat(256)}"`, 'schlüssel', 'a\tb'])(
  'refuses %j',
  (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  },
);
