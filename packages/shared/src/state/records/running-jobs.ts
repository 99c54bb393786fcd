import type { RedisConnection } from '../../runtime/redis.js';

/** Jobs of one owner that run at a time. */
export interface RunningJobs {
  /** Counts a job, once, for a minute. False if too many others of the owner are running. */
  begin(id: string, owner: string): Promise<boolean>;
  /** Counts a job that is queued until it ends. Never fails: without Redis the job counts for its minute. */
  keep(id: string, owner: string): Promise<void>;
  end(id: string, owner: string): Promise<void>;
}

/** Each reads everything that its request selects, so a few at a time are as fast as many. */
const MOST_RUNNING = 10;
/** A job that could not be queued, such as after a loss of Redis, does not count longer. */
const BEGIN_MS = 60_000;
/** A job that Redis has lost does not count longer. */
const RUNNING_MS = 3600_000;

/** @param keyOf the key in Redis of an owner's running jobs */
export function openRunningJobs(redis: RedisConnection, keyOf: (owner: string) => string): RunningJobs {
  return {
    async begin(id, owner) {
      const running = keyOf(owner);
      const results = await redis
        .multi()
        .zremrangebyscore(running, '-inf', Date.now())
        .zadd(running, 'NX', Date.now() + BEGIN_MS, id)
        .zcard(running)
        .pexpire(running, RUNNING_MS)
        .exec();
      const [error, count] = results?.[2] ?? [new Error('Redis discarded the count of running jobs')];
      if (error !== null) throw error;
      if (Number(count) <= MOST_RUNNING) return true;
      await redis.zrem(running, id);
      return false;
    },

    async keep(id, owner) {
      // The job runs in any case, so its request must not fail.
      await redis.zadd(keyOf(owner), 'XX', Date.now() + RUNNING_MS, id).catch(() => {});
    },

    async end(id, owner) {
      await redis.zrem(keyOf(owner), id);
    },
  };
}
