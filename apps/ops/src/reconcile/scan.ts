import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { recordKeys } from '@pixdock/shared/state/records/keys';

/** Keys that Redis looks at in one step, well under a millisecond of its time. */
const COUNT = 1000;
const HEX = '?'.repeat(32);

/** Ids of all images that have a record, in no order; one may come twice, and one made meanwhile not at all. */
export async function* scanImageIds(redis: RedisConnection, prefix: string): AsyncGenerator<string> {
  const { record } = recordKeys(prefix);
  for await (const id of idsAt(redis, record(''), `img_${HEX}`)) if (IMAGE_ID.test(id)) yield id;
}

/** Ids of all batches that have a state. */
export async function* scanBatchIds(redis: RedisConnection, prefix: string): AsyncGenerator<string> {
  const { batch } = recordKeys(prefix);
  for await (const id of idsAt(redis, batch(''), `bat_${HEX}`)) if (BATCH_ID.test(id)) yield id;
}

/** How many keys Redis holds, others' included. */
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
