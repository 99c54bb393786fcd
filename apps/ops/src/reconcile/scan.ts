import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { recordKeys } from '@pixdock/shared/state/record-keys';

import type { ReconcileDeps } from './deps.js';

/** Keys per SCAN step, which blocks Redis for well under a millisecond. */
const COUNT = 1000;
const HEX = '?'.repeat(32);
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

/** Ids of all images with a record, unordered. Ids may repeat; images created during the scan may be missing. */
async function* scanImageIds(redis: RedisConnection, prefix: string): AsyncGenerator<string> {
  const { record } = recordKeys(prefix);
  for await (const id of idsAt(redis, record(''), `img_${HEX}`)) if (IMAGE_ID.test(id)) yield id;
}

/** Ids of all batches with a record, unordered. Ids may repeat. */
export async function* scanBatchIds(redis: RedisConnection, prefix: string): AsyncGenerator<string> {
  const { batch } = recordKeys(prefix);
  for await (const id of idsAt(redis, batch(''), `bat_${HEX}`)) if (BATCH_ID.test(id)) yield id;
}

/** Number of keys in Redis, including those of other programs. */
async function countKeys(redis: RedisConnection): Promise<number> {
  const sizes = await Promise.all(nodesOf(redis).map((node) => node.dbsize()));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function* idsAt(redis: RedisConnection, before: string, pattern: string): AsyncGenerator<string> {
  for (const node of nodesOf(redis)) {
    let cursor = '0';
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', before + pattern, 'COUNT', COUNT);
      for (const key of keys) yield key.slice(before.length);
      cursor = next;
    } while (cursor !== '0');
  }
}

// A cluster is scanned node by node.
const nodesOf = (redis: RedisConnection) => ('nodes' in redis ? redis.nodes('master') : [redis]);
