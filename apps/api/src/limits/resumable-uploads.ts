import { detailOf } from '@pixdock/contract/messages/detail';
import { nowMs } from '@pixdock/shared/runtime/clock';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { OverLimitError } from './over-limit.js';

/** Each takes a folder and two files. A client that sends a thousand files needs one for each that is not finished. */
const MOST = 1000;
const RETRY_AFTER_SECONDS = 60;

/** The unfinished resumable uploads of owners. */
export interface ResumableUploads {
  /** Counts a new upload until it expires. @throws OverLimitError */
  add(owner: string, id: string, expiresAt: string): Promise<void>;
  /** Forgets a finished or removed upload. Without Redis, the upload counts until it expires. */
  release(owner: string, id: string): Promise<void>;
}

/** Counts in one sorted set per owner, by the time of expiry. */
export function openResumableUploads(redis: RedisConnection, prefix: string): ResumableUploads {
  const keyOf = (owner: string) => `${prefix}:held:resumable:${owner}`;
  return {
    async add(owner, id, expiresAt) {
      const key = keyOf(owner);
      const until = Date.parse(expiresAt);
      const results = await redis
        .multi()
        .zremrangebyscore(key, '-inf', nowMs())
        .zadd(key, until, id)
        .zcard(key)
        .pexpireat(key, until)
        .exec();
      const [error, count] = results?.[2] ?? [new Error('Redis discarded the count of uploads')];
      if (error !== null) throw error;
      if (Number(count) <= MOST) return;
      await redis.zrem(key, id);
      const quota = { name: 'unfinished-uploads', limit: MOST };
      throw new OverLimitError(quota, detailOf('unfinished-uploads', { limit: MOST }), RETRY_AFTER_SECONDS);
    },
    async release(owner, id) {
      await redis.zrem(keyOf(owner), id).catch(() => {});
    },
  };
}
