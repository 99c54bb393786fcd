import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import { DIGEST_AT, INDEX_BYTES } from './stored.js';

/** The items of a batch that have the same source, in 12 bytes per item. */
export interface Duplicates {
  /** Place of the first item with the same source; null for that item itself, and for a source without duplicates. */
  leaderOf: (place: number) => number | null;
  /** For the first item with a source: the places of the later ones. */
  followersOf: (place: number) => Uint32Array;
  bytes: number;
}

/**
 * The search takes 36 bytes per item: 36 MB for this many. In a larger batch each item fetches its own source.
 */
export const MAX_COMPARED_ITEMS = 1_000_000;

const NO_FOLLOWERS = new Uint32Array(0);
export const NO_DUPLICATES: Duplicates = { leaderOf: () => null, followersOf: () => NO_FOLLOWERS, bytes: 64 };

/** An empty slot in the table of digests, whose other values are places plus one. */
const EMPTY = 0;
/** Items between two looks at the clock. */
const CHECK_EVERY = 1024;

/**
 * Finds items with equal digests.
 * @param index pieces of the index, each of whole entries
 */
export async function findDuplicates(index: AsyncIterable<Buffer>, total: number): Promise<Duplicates> {
  if (total > MAX_COMPARED_ITEMS) return NO_DUPLICATES;
  const [low, high] = [new Uint32Array(total), new Uint32Array(total)];
  const table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * total + 2)));
  const mask = table.length - 1;
  // Place of the leader plus one.
  const leaders = new Uint32Array(total);
  const counts = new Uint32Array(total + 1);
  let found = 0;
  let place = 0;
  for await (const piece of index) {
    for (let at = 0; at + INDEX_BYTES <= piece.length && place < total; at += INDEX_BYTES, place++) {
      if (place % CHECK_EVERY === 0 && isSliceOver()) await nextSlice();
      low[place] = piece.readUInt32LE(at + DIGEST_AT);
      high[place] = piece.readUInt32LE(at + DIGEST_AT + 4);
      const leader = findOrAdd(place);
      if (leader === null) continue;
      leaders[place] = leader + 1;
      counts[leader] = (counts[leader] ?? 0) + 1;
      found++;
    }
  }
  return found === 0 ? NO_DUPLICATES : toDuplicates(leaders, counts, found);

  function findOrAdd(added: number): number | null {
    // A source that cannot be shared has the digest zero.
    if (low[added] === 0 && high[added] === 0) return null;
    for (let slot = (low[added] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const known = table[slot] ?? EMPTY;
      if (known === EMPTY) {
        table[slot] = added + 1;
        return null;
      }
      if (low[known - 1] === low[added] && high[known - 1] === high[added]) return known - 1;
    }
  }
}

/** Groups the followers by leader in one array. */
async function toDuplicates(leaders: Uint32Array, counts: Uint32Array, found: number): Promise<Duplicates> {
  const begins = new Uint32Array(counts.length);
  let sum = 0;
  for (let place = 0; place < counts.length; place++) {
    if (place % CHECK_EVERY === 0 && isSliceOver()) await nextSlice();
    begins[place] = sum;
    sum += counts[place] ?? 0;
  }
  const followers = new Uint32Array(found);
  const next = begins.slice();
  for (let place = 0; place < leaders.length; place++) {
    if (place % CHECK_EVERY === 0 && isSliceOver()) await nextSlice();
    const leader = (leaders[place] ?? 0) - 1;
    if (leader < 0) continue;
    followers[next[leader] ?? 0] = place;
    next[leader] = (next[leader] ?? 0) + 1;
  }
  return {
    leaderOf: (place) => (leaders[place] || null) && (leaders[place] ?? 0) - 1,
    followersOf: (place) => followers.subarray(begins[place], begins[place + 1]),
    bytes: leaders.byteLength + begins.byteLength + followers.byteLength,
  };
}
