import { expect, it } from 'vitest';
import type { Sample } from './measure.js';
import { summarize } from './summarize.js';

const sample = (imagesPerCoreSecond: number, acceptMs: number[] = []): Sample => ({
  imagesPerCoreSecond,
  imagesPerSecond: 1,
  msPerImage: 1000 / imagesPerCoreSecond,
  msByProcess: { server: 1000 / imagesPerCoreSecond },
  acceptMs,
  peakMib: 1,
  bytesPerImage: 1,
  requestsPerImage: 1,
  redisBytesPerImage: null,
  otherLoad: 0,
});

it('compares each side with the first one of the same round, and takes the median', () => {
  const rounds = [
    [sample(10), sample(5, [1])],
    // Other programs slow the whole second round.
    [sample(5), sample(2.5, [2])],
    [sample(10), sample(6, [90])],
  ];
  const { sides } = summarize([{ name: 'loop' }, { name: 'service' }], rounds);
  expect(sides.map(({ perCoreSecondRatio }) => perCoreSecondRatio)).toEqual([1, 0.5]);
  expect(sides.map(({ imagesPerCoreSecond }) => imagesPerCoreSecond)).toEqual([10, 5]);
  expect(sides.map(({ acceptP50Ms, acceptP99Ms }) => [acceptP50Ms, acceptP99Ms])).toEqual([
    [null, null],
    [2, 90],
  ]);
});
