import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { recordKeys } from '../record-keys.js';

/** How often a worker reports that it runs. */
export const REPORT_EVERY_MS = 6000;
/** Three reports and 2 s, since a report may be late while Redis restarts. A killed worker counts as live for this time. */
const LIFE_MS = 20_000;

/** The workers that run, as they report to Redis. */
export function openLiveWorkers(redis: RedisConnection, prefix: string) {
  const { workers } = recordKeys(prefix);
  return {
    count: async (): Promise<number> => redis.zcount(workers, nowMs() - LIFE_MS, '+inf'),
    async report(id: string): Promise<void> {
      const now = nowMs();
      const isNew = (await redis.zadd(workers, now, id)) === 1;
      // Those that were killed have not left.
      if (isNew) await redis.zremrangebyscore(workers, '-inf', now - LIFE_MS);
    },
    async leave(id: string): Promise<void> {
      await redis.zrem(workers, id);
    },
  };
}

export type LiveWorkers = ReturnType<typeof openLiveWorkers>;
