import { expect, it } from 'vitest';
import type { Encoded } from './encode.js';
import { growthReason } from './growth.js';
import type { Inspected } from './inspect.js';

const inspected = (rest: object = {}) =>
  ({
    format: 'png',
    width: 8,
    height: 8,
    orientation: 1,
    metadata: { space: 'srgb' },
    signalled: null,
    coding: { bytes: 100, isLossless: true },
    ...rest,
  }) as Inspected;
const main = (bytes: number, rest: object = {}) =>
  ({ data: Buffer.alloc(bytes), format: 'png', width: 8, height: 8, isLossless: true, ...rest }) as Encoded;

it.each([
  [null, inspected(), main(100), null],
  ['label_added', inspected(), main(140 + 256), 'x'.repeat(40)],
  ['source_optimized', inspected(), main(141 + 256), 'x'.repeat(40)],
  ['lossless_source', inspected(), main(101, { format: 'webp' }), null],
  ['lossless_source', inspected(), main(101, { format: 'gif' }), 'x'.repeat(40)],
  ['other_format', inspected(), main(101, { format: 'webp', isLossless: false }), null],
  ['pixels_changed', inspected(), main(101, { width: 7 }), null],
  ['pixels_changed', inspected({ orientation: 6 }), main(101), null],
  ['pixels_changed', inspected({ metadata: { space: 'rgb16' } }), main(101), null],
] as const)('gives %s as the reason', (reason, source, encoded, xmp) => {
  expect(growthReason(source, encoded, xmp, false)).toBe(reason);
});

it('gives pixels_changed as the reason for a main with an overlay', () => {
  expect(growthReason(inspected(), main(101), null, true)).toBe('pixels_changed');
});
