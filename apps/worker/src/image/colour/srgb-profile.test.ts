import type { Metadata } from 'sharp';
import { expect, it } from 'vitest';
import { ADOBE, makeProfile, SRGB, srgbToLinear } from '../testing/colour-profile.js';
import { makeRgbProfile } from './rgb-profile.js';
import { isSrgbProfile } from './srgb-profile.js';

const isSrgb = (icc: Buffer, space = 'srgb') => isSrgbProfile({ icc, space } as Metadata);
const srgb = (name: string) => makeRgbProfile({ name, matrix: SRGB, toLinear: srgbToLinear });

it('recognizes sRGB by its name and by its colours', async () => {
  expect(await isSrgb(srgb('sRGB IEC61966-2.1'))).toBe(true);
  expect(await isSrgb(srgb('monitor'))).toBe(false);
  expect(await isSrgb(makeProfile('sRGB', ADOBE))).toBe(false);
  expect(await isSrgb(makeProfile('sRGB with another gamma', SRGB))).toBe(false);
});

it('applies only to 8-bit colour', async () => {
  expect(await isSrgb(srgb('sRGB'), 'rgb16')).toBe(false);
});
