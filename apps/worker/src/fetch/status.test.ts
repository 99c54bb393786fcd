import { expect, it } from 'vitest';
import { retryAfterMs } from './status.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');

it.each([
  ['7', 7000],
  [' 7 ', 7000],
  ['0', 0],
  ['600', 600_000],
  ['601', 600_000],
  ['999999999999999999999', 600_000],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ['Sunday, 01-Mar-26 12:00:30 GMT', 30_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['Sun, 01 Mar 2099 12:00:00 GMT', 600_000],
  ['', null],
  ['-7', null],
  ['1.5', null],
  ['soon', null],
  ['soon GMT', null],
  ['2099', 600_000],
  ['2099-01-01', null],
  [null, null],
])('Retry-After %j is a wait of %j ms', (value, ms) => expect(retryAfterMs(value, NOW)).toBe(ms));
