import type { RedisConnection } from '../../runtime/redis.js';
import type { GuardedCommand, GuardedWrite } from '../guarded-write.js';
import type { RecordKeys } from '../record-keys.js';
import type { BatchState } from './batch-state.js';

/** An item that waits for its start, and its place in the batch. */
export interface PendingItem {
  imageId: string;
  place: number;
}

/**
 * Opens the window of one batch: its items that have a job, and those that wait for one. Only the job that expands the batch
 * writes here. A write changes nothing and returns false if Redis has lost the batch since the state was read.
 */
export function openBatchWindow(
  redis: RedisConnection,
  keys: RecordKeys,
  { id, minVersion }: Pick<BatchState, 'id' | 'minVersion'>,
  guardedWrite: GuardedWrite,
) {
  const [batch, window, pending] = [keys.batch(id), keys.window(id), keys.pending(id)];
  const guard = { hash: batch, field: 'minVersion', expected: minVersion };
  const write = (...command: GuardedCommand) => guardedWrite(guard, [command]);
  return {
    /** Ids of the items with a job, each with the host that it is fetched from (empty: none). */
    items: async () => new Map(Object.entries(await redis.hgetall(window))),
    enter: (imageId: string, host: string) => write('HSET', window, imageId, host),
    /** Removes an item that was final before it entered, so that no transition removes it. */
    leave: (imageId: string) => write('HDEL', window, imageId),
    /** Pending items wait for room for their host, follow a started leader, or are to be retried. In order, from a place on. */
    async pending(from: number, count: number): Promise<PendingItem[]> {
      const flat = await redis.zrangebyscore(pending, from, '+inf', 'WITHSCORES', 'LIMIT', 0, count);
      return flat.flatMap((imageId, i) => (i % 2 === 0 ? [{ imageId, place: Number(flat[i + 1]) }] : []));
    },
    countPending: () => redis.zcard(pending),
    addPending: async (items: readonly PendingItem[]) =>
      items.length === 0 ||
      (await write('ZADD', pending, ...items.flatMap(({ imageId, place }) => [place, imageId]))),
    removePending: async (imageIds: readonly string[]) =>
      imageIds.length === 0 || (await write('ZREM', pending, ...imageIds)),
    /** Records how far the batch has been read. */
    advance: (next: number) => write('HSET', batch, 'next', next),
  };
}

export type BatchWindow = ReturnType<typeof openBatchWindow>;
