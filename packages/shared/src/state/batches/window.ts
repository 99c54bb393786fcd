import type { RedisConnection } from '../../runtime/redis.js';
import type { GuardedCommand, GuardedWrite } from '../guarded-write.js';
import type { RecordKeys } from '../record-keys.js';
import type { BatchState } from './batch-state.js';

/**
 * The items of a batch that have a job, and those that wait for one. Only the job that expands the batch writes here. A
 * write changes nothing and returns false if Redis has lost the batch since the state was read.
 */
export interface BatchWindow {
  /** Ids of the items with a job, each with the host that it is fetched from (empty: none). */
  items(): Promise<Map<string, string>>;
  enter(imageId: string, host: string): Promise<boolean>;
  /** Removes an item that was final before it entered, so that no transition removes it. */
  leave(imageId: string): Promise<boolean>;
  /** Pending items wait for room for their host, follow a started leader, or are to be retried. In order, from a place on. */
  pending(from: number, count: number): Promise<{ imageId: string; place: number }[]>;
  countPending(): Promise<number>;
  addPending(imageId: string, place: number): Promise<boolean>;
  removePending(imageId: string): Promise<boolean>;
  /** Records how far the batch has been read. */
  advance(next: number): Promise<boolean>;
}

/** Opens the window of one batch; it ends when Redis loses the state that was read. */
export function openBatchWindow(
  redis: RedisConnection,
  keys: RecordKeys,
  { id, minVersion }: Pick<BatchState, 'id' | 'minVersion'>,
  guardedWrite: GuardedWrite,
): BatchWindow {
  const [batch, window, pending] = [keys.batch(id), keys.window(id), keys.pending(id)];
  const guard = { hash: batch, field: 'minVersion', expected: minVersion };
  const write = (...command: GuardedCommand) => guardedWrite(guard, [command]);
  return {
    items: async () => new Map(Object.entries(await redis.hgetall(window))),
    enter: (imageId, host) => write('HSET', window, imageId, host),
    leave: (imageId) => write('HDEL', window, imageId),
    async pending(from, count) {
      const flat = await redis.zrangebyscore(pending, from, '+inf', 'WITHSCORES', 'LIMIT', 0, count);
      return flat.flatMap((imageId, i) => (i % 2 === 0 ? [{ imageId, place: Number(flat[i + 1]) }] : []));
    },
    countPending: () => redis.zcard(pending),
    addPending: (imageId, place) => write('ZADD', pending, place, imageId),
    removePending: (imageId) => write('ZREM', pending, imageId),
    advance: (next) => write('HSET', batch, 'next', next),
  };
}
