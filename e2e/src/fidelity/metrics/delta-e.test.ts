import { expect, test } from 'vitest';
import { deltaE2000, labOf } from './delta-e.js';

/** Pairs of the test data of Sharma, Wu and Dalal 2005, which reach every branch of the formula. */
const PAIRS = [
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1],
  [[50, 0, 0], [50, -1, 2], 2.3669],
  [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
  [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
  [[50, -0.001, 2.49], [50, 0.0011, -2.49], 4.7461],
  [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[50, 2.5, 0], [58, 24, 15], 19.4535],
  [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
  [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
  [[90.8027, -2.0831, 1.441], [91.1528, -1.6435, 0.0447], 1.4441],
  [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
] as const;

test.each(PAIRS)('gives the published distance of %j and %j', (a, b, distance) => {
  expect(deltaE2000(a, b)).toBeCloseTo(distance, 4);
  expect(deltaE2000(b, a)).toBeCloseTo(distance, 4);
});

test('converts sRGB to CIELAB', () => {
  const rounded = (lab: readonly number[]) => lab.map((value) => Number(value.toFixed(1)) + 0);
  expect(rounded(labOf(255, 255, 255))).toEqual([100, 0, 0]);
  expect(rounded(labOf(255, 0, 0))).toEqual([53.2, 80.1, 67.2]);
  expect(rounded(labOf(0, 0, 255))).toEqual([32.3, 79.2, -107.9]);
});
