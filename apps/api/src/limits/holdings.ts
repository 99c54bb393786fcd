import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { openBatchesOf } from '@pixdock/shared/state/batches/open-batches';
import { recordKeys } from '@pixdock/shared/state/record-keys';

/** The images of an owner, counted in the indexes of the records. */
export interface Holdings {
  records: number;
  waitingImages: number;
}

/** Reads the holdings of owners from the indexes of the records, so no second count can become wrong. */
export function openHoldings(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  return {
    async read(owner: string): Promise<Holdings> {
      const [records, waitingImages] = await Promise.all([
        redis.zcard(keys.ofOwner(owner)),
        redis.zcard(keys.ofStatus(owner, 'queued')),
      ]);
      return { records, waitingImages };
    },

    /** The owner's batches that are not finished, and how many of their items have no record yet. */
    async readOpenBatches(owner: string): Promise<{ batches: number; untouchedItems: number }> {
      const ids = await openBatchesOf(redis, keys, owner);
      const fields = await Promise.all(ids.map((id) => redis.hmget(keys.batch(id), 'total', 'next')));
      const untouched = fields.map(([total, next]) => Math.max(0, Number(total ?? 0) - Number(next ?? 0)));
      return { batches: ids.length, untouchedItems: untouched.reduce((sum, items) => sum + items, 0) };
    },
  };
}
