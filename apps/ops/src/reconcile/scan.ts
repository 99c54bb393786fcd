import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { recordKeys } from '@pixdock/shared/state/records/keys';

/** Keys per SCAN step, which blocks Redis for well under a millisecond. */
const COUNT = 1000;
const HEX = '?'.repeat(32);

/** Ids of all images with a record, unordered. Ids may repeat; images created during the scan may be missing. */
export async function* scanImageIds(redis: RedisConnection, prefix: string): AsyncGenerator<string> {
  const { record } = recordKeys(prefix);
  for await (const id of idsAt(redis, record(''), `img_${HEX}`)) if (IMAGE_ID.test(id)) yield id;
}

/** Ids of all batches with a record, unordered. Ids may repeat. */
export async function* scanBatchIds(redis: RedisConnection, prefix: string): AsyncGenerator<string> {
  const { batch } = recordKeys(prefix);
  for await (const id of idsAt(redis, batch(''), `bat_${HEX}`)) if (BATCH_ID.test(id)) yield id;
}

/** Number of keys in Redis, including those of other programs. */
export async function countKeys(redis: RedisConnection): Promise<number> {
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
