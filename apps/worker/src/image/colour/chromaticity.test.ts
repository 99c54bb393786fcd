import { expect, it } from 'vitest';
import { type Chromaticities, toXyz } from './chromaticity.js';

const SRGB: Chromaticities = {
  white: [0.3127, 0.329],
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
};

it('computes the matrix of the sRGB profile from its primaries', () => {
  const matrix = toXyz(SRGB);
  const published = [0.4361, 0.3851, 0.1431, 0.2225, 0.7169, 0.0606, 0.0139, 0.0971, 0.7141];
  expect(matrix?.flat()).toEqual(published.map((value) => expect.closeTo(value, 3)));
});

it('refuses primaries that span no colours', () => {
  expect(toXyz({ ...SRGB, green: SRGB.red, blue: SRGB.red })).toBeNull();
});

it.each<[string, Partial<Chromaticities>]>([
  ['above 16', { green: [0.395, 0.205] }],
  ['below -16 alone', { red: [0.65, 0.4], green: [0.75, 0.6], blue: [0.8, 0.85] }],
])('refuses primaries whose matrix has a coefficient %s', (_, primaries) => {
  expect(toXyz({ ...SRGB, ...primaries })).toBeNull();
});
