import { type Matrix, makeRgbProfile } from '../colour/rgb-profile.js';

/** The columns are ICC's rXYZ, gXYZ and bXYZ (Bradford-adapted). */
export const ADOBE: Matrix = [
  [0.60974, 0.20528, 0.14919],
  [0.31111, 0.62567, 0.06322],
  [0.01947, 0.06087, 0.74457],
];
export const DISPLAY_P3: Matrix = [
  [0.51512, 0.29198, 0.1571],
  [0.2412, 0.69225, 0.06657],
  [-0.00105, 0.04189, 0.78407],
];
export const SRGB: Matrix = [
  [0.43607, 0.38515, 0.14307],
  [0.22249, 0.71687, 0.06061],
  [0.01392, 0.09708, 0.7141],
];
const XYZ_TO_SRGB: Matrix = [
  [3.13386, -1.61687, -0.49062],
  [-0.97877, 1.91614, 0.03345],
  [0.07195, -0.22899, 1.40523],
];
export const srgbToLinear = (value: number) =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const toLinear = (value: number) => value ** 2.19921875;

/** Makes a matrix profile with one gamma. */
export const makeProfile = (name: string, matrix: Matrix, extra = ''): Buffer =>
  makeRgbProfile({ name, matrix, toLinear }, `none${extra}`);

/** Makes a grey profile with the tag of a curve, which may be `curv` or `para`. */
export function makeGreyProfile(name: string, curve: Buffer): Buffer {
  const profile = makeProfile(name, SRGB);
  profile.write('GRAY', 16, 'latin1');
  const entry = profile.indexOf('rTRC');
  profile.write('kTRC', entry, 'latin1');
  curve.copy(profile, profile.readUInt32BE(entry + 4));
  profile.writeUInt32BE(curve.length, entry + 8);
  return profile;
}

/** The tag of a curve with one gamma (ICC.1:2022 10.6). */
export function gammaCurve(gamma: number): Buffer {
  const tag = Buffer.alloc(14);
  tag.write('curv', 0, 'latin1');
  tag.writeUInt32BE(1, 8);
  tag.writeUInt16BE(Math.round(gamma * 256), 12);
  return tag;
}

/** Converts a colour of such a profile to sRGB with the formulas. */
export function toSrgb(colour: readonly number[], matrix: Matrix): number[] {
  const linear = colour.map((value) => toLinear(value / 255));
  return times(XYZ_TO_SRGB, times(matrix, linear)).map((value) => {
    const v = Math.min(1, Math.max(0, value));
    return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
  });
}

const times = (matrix: Matrix, vector: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0));
