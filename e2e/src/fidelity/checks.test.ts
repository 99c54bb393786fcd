import { expect, test } from 'vitest';
import { checksOf } from './checks.js';
import type { Judged, JudgedMain } from './judge.js';

const MAIN: JudgedMain = {
  ssim: 1,
  deltaE: 0,
  worstTile: 0,
  alpha: 0,
  isIdentical: true,
  findings: [],
  format: 'webp',
  bytes: 1000,
  ratio: 1,
  isLossy: false,
  isKept: true,
  isLarger: false,
  reason: null,
  mustBeIdentical: true,
};

const image = (changes: Partial<JudgedMain>, others: Partial<Judged> = {}): Judged => ({
  name: 'a.webp',
  format: 'webp',
  colour: 'srgb',
  quality: 100,
  others: {},
  main: { ...MAIN, ...changes },
  ...others,
});

/** The failed checks of a set of good images and one other. */
function failedWith(one: Judged, notCompared: [string, string][] = []): string[] {
  const judged = [...Array.from({ length: 30 }, () => image({})), one];
  const checks = checksOf({ judged, refused: [], cpu: [], notCompared });
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

test('passes mains that are neither worse nor larger', () => {
  expect(
    failedWith(image({ isLossy: true, mustBeIdentical: false, isIdentical: false, ssim: 0.99, deltaE: 0.5 })),
  ).toEqual([]);
});

const BAD: [what: string, judged: Judged, failed: string[]][] = [
  [
    'a larger main',
    image({ isLarger: true, reason: 'optimized' }),
    ['at most 3 % of the mains in the format of their source are larger than the rule allows'],
  ],
  [
    'a larger main without a reason',
    image({ isLarger: true }),
    [
      'every main that is larger than the rule allows has a reason',
      'at most 3 % of the mains in the format of their source are larger than the rule allows',
    ],
  ],
  ['a changed pixel', image({ isIdentical: false }), ['every main of a lossless source has the same pixels']],
  [
    'a damaged lossy main',
    image({ isLossy: true, mustBeIdentical: false, ssim: 0.97 }),
    ['the SSIM of 99 % of the lossy mains is at least 0.98'],
  ],
  ['another colour', image({ deltaE: 80 }), ['the mean ΔE2000 is less than 1']],
  ['lost transparency', image({ alpha: 20 }), ['every main keeps its transparency']],
  [
    'another duration',
    image({ findings: ['duration'] }),
    ['every main keeps its size, frames, duration and loops'],
  ],
];

test.each(BAD)('fails for %s', (_, judged, failed) => {
  expect(failedWith(judged)).toEqual(failed);
});

test('passes a larger main in another format with a reason', () => {
  expect(
    failedWith(image({ isLarger: true, format: 'avif', reason: 'other_format' }, { format: 'gif' })),
  ).toEqual([]);
});

test('fails for an image that cannot be compared', () => {
  expect(failedWith(image({}), [['b.webp', 'damaged']])).toEqual(['every published image can be compared']);
});

test('does not ask a source of a low quality for a high SSIM', () => {
  const low = image({ isLossy: true, mustBeIdentical: false, ssim: 0.9 }, { format: 'jpeg', quality: 60 });
  expect(failedWith(low)).toEqual([]);
});
