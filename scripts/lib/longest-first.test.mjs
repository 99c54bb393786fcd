import { expect, test } from 'vitest';
import { longestFirst } from './longest-first.mjs';
import { durationsOf } from './test-durations.mjs';

test('sorts the longest file first and a file without a duration last', () => {
  const seconds = { quick: 0.1, long: 60, other: 3 };
  expect(longestFirst(['quick', 'other', 'new', 'long'], (file) => seconds[file])).toEqual([
    'long',
    'other',
    'quick',
    'new',
  ]);
});

test('reads durations of at least a second from a report', () => {
  const testResults = [
    { name: '/checkout/a.test.ts', startTime: 1000, endTime: 2240 },
    { name: '/checkout/quick.test.ts', startTime: 1000, endTime: 1940 },
    { name: '/checkout/e2e/b.test.ts', startTime: 1000, endTime: 61_000 },
  ];
  expect(Object.entries(durationsOf({ testResults }, '/checkout'))).toEqual([
    ['e2e/b.test.ts', 60],
    ['a.test.ts', 1.2],
  ]);
});
