import { expect, test } from 'vitest';
import { maxBytes } from './rule.js';

test('allows 2 % or 1 KiB more than the source, and 5 % for PNG', () => {
  expect(maxBytes('jpeg', 100_000)).toBe(102_000);
  expect(maxBytes('gif', 1000)).toBe(2024);
  expect(maxBytes('png', 1000)).toBe(1050);
});
