import type { Matrix } from './rgb-profile.js';

type Xy = readonly [x: number, y: number];

/** CIE 1931 xy coordinates. */
export interface Chromaticities {
  white: Xy;
  red: Xy;
  green: Xy;
  blue: Xy;
}

const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];
const D50 = [0.9642, 1, 0.8249];
/** Far above the coefficients of real primaries, and below 32768, where ICC's s15Fixed16 ends. */
const MAX_COEFFICIENT = 16;

/** Linear RGB to XYZ, adapted to D50 (ICC.1:2022 annex E); null for degenerate primaries. */
export function toXyz({ white, red, green, blue }: Chromaticities): Matrix | null {
  const primaries = transpose([xyz(red), xyz(green), xyz(blue)]);
  const rgbOfWhite = times(inverse(primaries), xyz(white));
  const cone = times(BRADFORD, xyz(white));
  const scale = times(BRADFORD, D50).map((value, i) => value / (cone[i] ?? 1));
  const adapt = product(inverse(BRADFORD), product(diagonal(scale), BRADFORD));
  const matrix = product(adapt, product(primaries, diagonal(rgbOfWhite)));
  return matrix.flat().every((value) => Math.abs(value) < MAX_COEFFICIENT) ? matrix : null;
}

const xyz = ([x, y]: Xy) => [x / y, 1, (1 - x - y) / y];

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const times = ([a, b, c]: Matrix, vector: readonly number[]) => [a, b, c].map((row) => dot(row, vector));
const diagonal = ([a = 0, b = 0, c = 0]: readonly number[]): Matrix => [
  [a, 0, 0],
  [0, b, 0],
  [0, 0, c],
];
const column = (matrix: Matrix, i: number) => matrix.map((row) => row[i] ?? 0);
const transpose = (m: Matrix): Matrix => [column(m, 0), column(m, 1), column(m, 2)];
const product = (a: Matrix, b: Matrix): Matrix => {
  const [x, y, z] = transpose(b);
  return transpose([times(a, x), times(a, y), times(a, z)]);
};

function inverse([a, b, c]: Matrix): Matrix {
  const determinant = dot(a, cross(b, c));
  const [x, y, z] = [cross(b, c), cross(c, a), cross(a, b)].map((row) =>
    row.map((value) => value / determinant),
  );
  return transpose([x ?? [], y ?? [], z ?? []]);
}

function cross(
  [a = 0, b = 0, c = 0]: readonly number[],
  [d = 0, e = 0, f = 0]: readonly number[],
): readonly number[] {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}
