import { expect, it } from 'vitest';
import { parseIdempotencyKey } from './idempotency-key.js';

it.each([
  [undefined, null],
  ['bare-key', 'bare-key'],
  ['"quoted key"', 'quoted key'],
  ['"with \\"quotes\\" and \\\\"', 'with "quotes" and \\'],
  ['  padded ', 'padded'],
  ['"half', '"half'],
  ['k'.repeat(255), 'k'.repeat(255)],
  [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
])('reads %j as %j', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});

it.each(['', '""', ' ', 'k'.repeat(256), `"${'k'.repeat(256)}"`, 'schlüssel', 'a\tb'])(
  'refuses %j',
  (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  },
);
