import type { RedisConnection } from '../../runtime/redis.js';
import { type Cursor, decodeCursor, encodeCursor, readIndex } from './cursor.js';

/** The entries of an index in the order of a list. */
export interface Order<E extends { id: string }> {
  /** The cursor after an entry. */
  encode(entry: E): string;
  decode(cursor: string): E | null;
  /** The entries after one; the first ones after null. */
  read(after: E | null, count: number): Promise<E[]>;
  remove(entries: readonly E[]): Promise<unknown>;
}

/** A span of time in which an item was created, in ms: since the first, and before the second. */
export interface Span {
  sinceMs?: number | undefined;
  untilMs?: number | undefined;
}

/** An index by time, newest first. */
export function timeOrder(
  redis: RedisConnection,
  key: string,
  { sinceMs, untilMs }: Span = {},
): Order<Cursor> {
  const first = untilMs === undefined ? null : { score: Math.max(0, untilMs), id: '' };
  return {
    encode: encodeCursor,
    decode: decodeCursor,
    read: (after, count) => readIndex(redis, key, after ?? first, count, { minScore: sinceMs }),
    remove: (entries) => redis.zrem(key, ...entries.map(({ id }) => id)),
  };
}

/** An index by time, oldest first. */
export function queueOrder(redis: RedisConnection, key: string): Order<Cursor> {
  return {
    ...timeOrder(redis, key),
    read: (after, count) => readIndex(redis, key, after, count, { oldestFirst: true }),
  };
}
