import { expect, test } from 'vitest';
import { parseTestClocks } from './test-clocks.js';

test('keeps the production value of every interval without the variable', () => {
  expect(parseTestClocks(undefined)).toEqual({});
  expect(parseTestClocks('')).toEqual({});
});

test('reads the intervals that are named', () => {
  expect(parseTestClocks('sweep=1000,lock=4000')).toEqual({ sweep: 1000, lock: 4000 });
});

test.each([
  'sweep',
  'sweep=',
  'sweep=1s',
  'sweep=-1',
  'sweep=99',
  'lock=3999',
  'stalled=499',
  'sweep=1000,sweep=1000',
  'sweep=1000,',
  'sweep=1000, lock=4000',
  'toString=1000',
  'other=1000',
])('refuses %s', (spec) => {
  expect(() => parseTestClocks(spec)).toThrow(TypeError);
});
