import type { RedisConnection } from '../../runtime/redis.js';
import { timeOrder } from '../lists/order.js';
import { type Page, readPage, type Wanted } from '../lists/page.js';
import type { RecordKeys } from '../record-keys.js';
import type { BatchState } from './batch-state.js';
import { openBatchesOf } from './open-batches.js';

/** The lists of batches: all of an owner, and those with work left. */
export interface BatchLists {
  /** An owner's batches, newest first; with `name`, those whose name contains it, in upper or lower case. */
  list(
    owner: string,
    wanted: Pick<Wanted<BatchState>, 'cursor' | 'limit'> & { name?: string | undefined },
  ): Promise<Page<BatchState>>;
  /** Batches with work left. */
  open(): Promise<string[]>;
  /** The source hosts of the items with a job, by the id of each open batch of the owner (empty: no host). */
  activeHosts(owner: string): Promise<Map<string, string[]>>;
}

export function openBatchLists(
  redis: RedisConnection,
  keys: RecordKeys,
  get: (id: string) => Promise<BatchState | null>,
): BatchLists {
  const readKept = (ids: readonly string[]) =>
    Promise.all(
      ids.map(async (id) => {
        const state = await get(id);
        return state?.forgottenAt === null ? state : null;
      }),
    );

  return {
    list(owner, { name, ...page }) {
      const part = name?.toLowerCase() ?? '';
      const matches = (state: BatchState) => part === '' || state.name?.toLowerCase().includes(part) === true;
      const order = timeOrder(redis, keys.batchesOf(owner));
      return readPage({ order, owner, read: readKept }, { ...page, matches });
    },

    open: () => redis.zrange(keys.openBatches, '0', '-1'),

    async activeHosts(owner) {
      const ids = await openBatchesOf(redis, keys, owner);
      const hosts = await Promise.all(ids.map((id) => redis.hvals(keys.window(id))));
      return new Map(ids.map((id, i) => [id, hosts[i] ?? []]));
    },
  };
}
