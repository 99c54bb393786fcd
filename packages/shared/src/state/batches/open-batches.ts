import type { RedisConnection } from '../../runtime/redis.js';
import type { RecordKeys } from '../record-keys.js';

/** The ids of an owner's open batches, oldest first. Few batches are open; an owner may have many that are not. */
export async function openBatchesOf(
  redis: RedisConnection,
  keys: RecordKeys,
  owner: string,
): Promise<string[]> {
  const ids = await redis.zrange(keys.openBatches, '0', '-1');
  const scores = await Promise.all(ids.map((id) => redis.zscore(keys.batchesOf(owner), id)));
  return ids.filter((_, i) => scores[i] !== null);
}
