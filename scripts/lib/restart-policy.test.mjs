import { expect, test } from 'vitest';
import { restartPolicy } from './restart-policy.mjs';

test('the delay grows, five deaths within 30 s are too many', () => {
  const died = restartPolicy();
  expect([0, 1000, 2000, 3000, 29_000].map((at) => died(at))).toEqual([250, 500, 1000, 2000, null]);
});

test('deaths long ago are forgotten', () => {
  const died = restartPolicy();
  expect([0, 10_000, 20_000, 31_000, 70_000].map((at) => died(at))).toEqual([250, 500, 1000, 1000, 250]);
});
