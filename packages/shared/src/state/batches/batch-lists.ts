import type { RedisConnection } from '../../runtime/redis.js';
import { timeOrder } from '../lists/order.js';
import { type Page, readPage, type Wanted } from '../lists/page.js';
import type { RecordKeys } from '../record-keys.js';
import type { BatchState } from './batch-state.js';

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

/** The lists of batches: all of an owner, and those with work left. */
export function openBatchLists(
  redis: RedisConnection,
  keys: RecordKeys,
  get: (id: string) => Promise<BatchState | null>,
) {
  const readKept = (ids: readonly string[]) =>
    Promise.all(
      ids.map(async (id) => {
        const state = await get(id);
        return state?.forgottenAt === null ? state : null;
      }),
    );

  return {
    /** An owner's batches, newest first; with `name`, those whose name contains it, in upper or lower case. */
    list(
      owner: string,
      { name, ...page }: Pick<Wanted<BatchState>, 'cursor' | 'limit'> & { name?: string | undefined },
    ): Promise<Page<BatchState>> {
      const part = name?.toLowerCase() ?? '';
      const matches = (state: BatchState) => part === '' || state.name?.toLowerCase().includes(part) === true;
      const order = timeOrder(redis, keys.batchesOf(owner));
      return readPage({ order, owner, read: readKept }, { ...page, matches });
    },

    /** Ids of the batches with work left. */
    openIds: () => redis.zrange(keys.openBatches, '0', '-1'),

    /** The source hosts of the items with a job, by the id of each open batch of the owner (empty: no host). */
    async activeHosts(owner: string): Promise<Map<string, string[]>> {
      const ids = await openBatchesOf(redis, keys, owner);
      const hosts = await Promise.all(ids.map((id) => redis.hvals(keys.window(id))));
      return new Map(ids.map((id, i) => [id, hosts[i] ?? []]));
    },
  };
}
