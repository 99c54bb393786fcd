import type { RedisConnection } from '../redis.js';
import type { BatchState } from './batch-state.js';
import type { RecordKeys } from './keys.js';
import type { Script } from './scripts.js';

/** Which of a batch's items are under way, and which wait their turn. Only the one that expands the batch writes here. */
export interface BatchWindow {
  /** Ids of the items under way, each with the host that it is fetched from (empty: none). */
  items(): Promise<Map<string, string>>;
  enter(imageId: string, host: string): Promise<void>;
  /** Takes an item out although its record did not: it was final already. */
  leave(imageId: string): Promise<void>;
  /** Ids that were passed over or are to be tried again, in order of their place, from a place on. */
  pending(from: number, count: number): Promise<{ imageId: string; place: number }[]>;
  countPending(): Promise<number>;
  passOver(imageId: string, place: number): Promise<void>;
  takeUp(imageId: string): Promise<void>;
  /** Notes how far the batch has been looked at; false when Redis lost the batch since its state was read. */
  advance(state: Pick<BatchState, 'firstVersion'>, next: number): Promise<boolean>;
  /** Counts an item that took the source which `place` shares; returns how many have. */
  countTaken(place: number): Promise<number>;
}

export function openBatchWindow(
  redis: RedisConnection,
  keys: RecordKeys,
  batchId: string,
  advance: Script,
): BatchWindow {
  const [batch, window, pending, taken] = [
    keys.batch(batchId),
    keys.window(batchId),
    keys.pending(batchId),
    keys.taken(batchId),
  ];
  return {
    items: async () => new Map(Object.entries(await redis.hgetall(window))),
    async enter(imageId, host) {
      await redis.hset(window, imageId, host);
    },
    async leave(imageId) {
      await redis.hdel(window, imageId);
    },
    async pending(from, count) {
      const flat = await redis.zrangebyscore(pending, from, '+inf', 'WITHSCORES', 'LIMIT', 0, count);
      return flat.flatMap((imageId, i) => (i % 2 === 0 ? [{ imageId, place: Number(flat[i + 1]) }] : []));
    },
    countPending: () => redis.zcard(pending),
    async passOver(imageId, place) {
      await redis.zadd(pending, place, imageId);
    },
    async takeUp(imageId) {
      await redis.zrem(pending, imageId);
    },
    advance: async ({ firstVersion }, next) => (await advance(redis, [batch], [firstVersion, next])) === 1,
    countTaken: (place) => redis.hincrby(taken, String(place), 1),
  };
}
