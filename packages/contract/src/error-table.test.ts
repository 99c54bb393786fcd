import { expect, it } from 'vitest';
import { ERROR_CODES, ERROR_TABLE, mayRetry } from './error-table.js';
import { fixOf, sayDetail } from './messages/detail.js';

it.each([
  ['processing_timeout', true],
  ['source_unreachable', true],
  ['source_not_found', true],
  ['image_too_large', true],
  ['image_corrupt', false],
  ['source_lost', false],
  ['a code of a later version', false],
])('says whether a retry after %s may help: %s', (code, expected) => {
  expect(mayRetry(code)).toBe(expected);
});

const repairable = ERROR_CODES.filter((code) => 'repairable' in ERROR_TABLE[code]);

it.each(repairable)('names the retry after the repair in the fix of %s', (code) => {
  expect(sayDetail('en', fixOf(code))).toMatch(/, then retry|; retry afterwards/);
  expect(sayDetail('zh', fixOf(code))).toContain('重试');
});
