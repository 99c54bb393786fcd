import { expect, test } from 'vitest';
import { restartPolicy } from './service.mjs';

test('increases the delay and stops after five exits within 30 s', () => {
  const died = restartPolicy();
  expect([0, 1000, 2000, 3000, 29_000].map((at) => died(at))).toEqual([250, 500, 1000, 2000, null]);
});

test('ignores exits more than 30 s ago', () => {
  const died = restartPolicy();
  expect([0, 10_000, 20_000, 31_000, 70_000].map((at) => died(at))).toEqual([250, 500, 1000, 1000, 250]);
});
