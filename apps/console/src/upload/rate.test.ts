import { expect, test } from 'vitest';
import { openRate } from './totals.js';

test('measures the rate of the last ten seconds, and begins again when the amount shrinks', () => {
  const rate = openRate();
  expect(rate.add(0, 0)).toBeNull();
  expect(rate.add(100, 1000)).toBe(100);
  expect(rate.add(100, 20_000)).toBeNull();
  expect(rate.add(300, 21_000)).toBe(200);
  expect(rate.add(50, 22_000)).toBeNull();
});
