import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { findDuplicates } from './duplicates.js';
import { INDEX_BYTES } from './stored.js';

/** An index whose items have these digests. */
function indexOf(digests: readonly bigint[]): Buffer {
  const index = Buffer.alloc(digests.length * INDEX_BYTES);
  for (const [place, digest] of digests.entries()) index.writeBigUInt64LE(digest, place * INDEX_BYTES + 8);
  return index;
}

const random = () => randomBytes(8).readBigUInt64LE();

test.each([0, 1, 2, 50, 1000])('of %i items the first of each source leads the later ones', (total) => {
  // Few enough that some are there once, others several times; zero has no source to share.
  const sources = [0n, 2n ** 64n - 1n, ...Array.from({ length: total }, random)];
  const digests = Array.from(
    { length: total },
    () => sources[Math.floor(Math.random() * sources.length)] ?? 0n,
  );
  const { leaders, followers } = findDuplicates(indexOf(digests));
  for (const [place, digest] of digests.entries()) {
    const same = [...digests.keys()].filter((other) => digest !== 0n && digests[other] === digest);
    const [first = place, ...later] = same;
    expect(leaders.get(place)).toBe(first === place ? undefined : first);
    expect(followers.get(place) ?? []).toEqual(first === place ? later : []);
  }
});

test('a hundred thousand items keep nothing else waiting for long', () => {
  const index = indexOf(Array.from({ length: 100_000 }, random));
  const tookMs = [1, 2, 3].map(() => {
    const begun = performance.now();
    expect(findDuplicates(index).leaders.size).toBe(0);
    return performance.now() - begun;
  });
  expect(Math.min(...tookMs)).toBeLessThan(100);
});
