import type { RedisConnection } from '../../runtime/redis.js';
import type { BatchState } from './batch-state.js';
import { type Cursor, decodeCursor, encodeCursor, readIndex } from './cursor.js';
import type { RecordKeys } from './keys.js';
import { openBatchesOf } from './open-batches.js';

export interface BatchPage {
  batches: BatchState[];
  next: string | null;
}

/** The lists of batches: all of an owner, and those with work left. */
export interface BatchLists {
  /** An owner's batches, newest first. */
  list(owner: string, cursor: string | null, limit: number): Promise<BatchPage>;
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
  return {
    async list(owner, cursor, limit) {
      const index = keys.batchesOf(owner);
      const batches: BatchState[] = [];
      let after: Cursor | null = cursor === null ? null : decodeCursor(cursor);
      for (;;) {
        const entries = await readIndex(redis, index, after, limit + 1);
        const found = await Promise.all(entries.map(({ id }) => get(id)));
        for (const [i, state] of found.entries()) {
          after = entries[i] ?? after;
          if (state === null || state.forgottenAt !== null) {
            await redis.zrem(index, entries[i]?.id ?? '');
            continue;
          }
          const last = batches.at(-1);
          if (batches.length === limit && last !== undefined)
            return { batches, next: encodeCursor({ score: last.createdAt, id: last.id }) };
          batches.push(state);
        }
        if (entries.length <= limit) return { batches, next: null };
      }
    },

    open: () => redis.zrange(keys.openBatches, '0', '-1'),

    async activeHosts(owner) {
      const ids = await openBatchesOf(redis, keys, owner);
      const hosts = await Promise.all(ids.map((id) => redis.hvals(keys.window(id))));
      return new Map(ids.map((id, i) => [id, hosts[i] ?? []]));
    },
  };
}
