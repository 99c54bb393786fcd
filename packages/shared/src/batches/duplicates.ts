import { INDEX_BYTES } from './stored.js';

export interface Duplicates {
  /** The first place with the same source, for each later one. */
  leaders: Map<number, number>;
  /** The later ones, for each first. */
  followers: Map<number, number[]>;
}

/**
 * Which items of a batch have the same source, by the digests in its index.
 *
 * A batch may have a million items, and nothing else runs meanwhile: numbers are sorted without a function of ours, and only
 * what repeats comes into a map.
 */
export function findDuplicates(index: Buffer): Duplicates {
  const digests = digestsOf(index);
  const repeated = repeatedIn(digests);
  const firsts = new Map<bigint, number>();
  const leaders = new Map<number, number>();
  const followers = new Map<number, number[]>();
  if (repeated.size === 0) return { leaders, followers };
  for (const [place, digest] of digests.entries()) {
    if (!repeated.has(digest)) continue;
    const leader = firsts.get(digest);
    if (leader === undefined) {
      firsts.set(digest, place);
      followers.set(place, []);
    } else {
      leaders.set(place, leader);
      followers.get(leader)?.push(place);
    }
  }
  return { leaders, followers };
}

function digestsOf(index: Buffer): BigUint64Array {
  const digests = new BigUint64Array(Math.floor(index.length / INDEX_BYTES));
  for (let place = 0; place < digests.length; place++)
    digests[place] = index.readBigUInt64LE(place * INDEX_BYTES + 8);
  return digests;
}

/** Zero is the digest of what has no source to share. */
function repeatedIn(digests: BigUint64Array): Set<bigint> {
  const repeated = new Set<bigint>();
  let before = 0n;
  for (const digest of digests.toSorted()) {
    if (digest === before && digest !== 0n) repeated.add(digest);
    before = digest;
  }
  return repeated;
}
