import type { ReconcileDeps } from './deps.js';
import { countKeys, scanImageIds } from './scan.js';

/** Ids in memory at a time, about 25 MB. */
const IDS_AT_ONCE = 250_000;
/** Values of the first byte of an id, with which keys in the bucket begin. */
const SHARDS = 256;

/** A range of shards (both ends inclusive) with the sorted ids of its records. */
export interface Slice {
  first: string;
  last: string;
  ids: string[];
}

/**
 * Ids of all records in the order of the bucket listing. Redis returns them unordered, so each slice needs a full scan.
 */
export async function* slices({ redis, config }: ReconcileDeps): AsyncGenerator<Slice> {
  const count = Math.min(SHARDS, Math.max(1, Math.ceil((await countKeys(redis)) / IDS_AT_ONCE)));
  const width = Math.ceil(SHARDS / count);
  for (let from = 0; from < SHARDS; from += width) {
    const [first, last] = [hexOf(from), hexOf(Math.min(from + width, SHARDS) - 1)];
    const ids = new Set<string>();
    for await (const id of scanImageIds(redis, config.redis.prefix)) {
      const shard = shardOf(id);
      if (shard >= first && shard <= last) ids.add(id);
    }
    yield { first, last, ids: [...ids].toSorted() };
  }
}

/** The first two hex digits of an id. */
export const shardOf = (id: string) => id.slice('img_'.length, 'img_'.length + 2);

const hexOf = (shard: number) => shard.toString(16).padStart(2, '0');
