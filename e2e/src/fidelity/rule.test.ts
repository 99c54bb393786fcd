import { expect, test } from 'vitest';
import { maxBytes } from './rule.js';

test('allows 5 % more than the source, or 1 KiB except for PNG', () => {
  expect(maxBytes('jpeg', 100_000)).toBe(105_000);
  expect(maxBytes('gif', 1000)).toBe(2024);
  expect(maxBytes('png', 1000)).toBe(1050);
});
