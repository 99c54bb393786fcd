import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { findDuplicates, MAX_COMPARED_ITEMS } from './duplicates.js';
import { INDEX_BYTES } from './stored.js';

/** An index whose items have these digests. */
function indexOf(digests: readonly bigint[]): Buffer {
  const index = Buffer.alloc(digests.length * INDEX_BYTES);
  for (const [place, digest] of digests.entries()) index.writeBigUInt64LE(digest, place * INDEX_BYTES + 8);
  return index;
}

const random = () => randomBytes(8).readBigUInt64LE();

async function* inPieces(index: Buffer, entries: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < index.length; at += entries * INDEX_BYTES)
    yield index.subarray(at, at + entries * INDEX_BYTES);
}

const find = (digests: readonly bigint[], entries = 7) =>
  findDuplicates(inPieces(indexOf(digests), entries), digests.length);

test.each([0, 1, 2, 50, 1000])('groups %i items by source under the first of each', async (total) => {
  // Few enough that some are there once, others several times; zero has no source to share.
  const sources = [0n, 2n ** 64n - 1n, ...Array.from({ length: total }, random)];
  const digests = Array.from(
    { length: total },
    () => sources[Math.floor(Math.random() * sources.length)] ?? 0n,
  );
  const { leaderOf, followersOf } = await find(digests);
  for (const [place, digest] of digests.entries()) {
    const same = [...digests.keys()].filter((other) => digest !== 0n && digests[other] === digest);
    const [first = place, ...later] = same;
    expect(leaderOf(place)).toBe(first === place ? null : first);
    expect([...followersOf(place)]).toEqual(first === place ? later : []);
  }
});

test('distinguishes digests that differ in one half', async () => {
  const { leaderOf } = await find([1n, 2n ** 32n + 1n, 1n, 2n ** 32n]);
  expect([0, 1, 2, 3].map(leaderOf)).toEqual([null, null, 0, null]);
});

test('compares a million equal items without blocking the event loop, in 12 bytes each', async () => {
  const total = 1_000_000;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const found = await findDuplicates(inPieces(Buffer.alloc(total * INDEX_BYTES, 1), 4096), total);
  clearInterval(timer);
  expect(found.followersOf(0)).toHaveLength(total - 1);
  expect(found.bytes).toBeLessThanOrEqual(12 * (total + 1));
  expect(turns).toBeGreaterThan(2);
});

test('shares no sources in a batch with too many items', async () => {
  const found = await findDuplicates(inPieces(Buffer.alloc(48, 1), 1), MAX_COMPARED_ITEMS + 1);
  expect(found.leaderOf(1)).toBeNull();
});
