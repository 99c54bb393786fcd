import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { recordKeys } from './keys.js';

/** How often a worker reports that it runs. */
export const REPORT_EVERY_MS = 6000;
/** Three reports and 2 s: one may be late while Redis restarts. A killed worker counts this long. */
const LIFE_MS = 20_000;

/** The workers that run, as they report to Redis. */
export function openLiveWorkers(redis: RedisConnection, prefix: string) {
  const { workers } = recordKeys(prefix);
  const script = loadScript<{ lifeMs: number; id: string | undefined }, number>('live-workers');
  return {
    count: (): Promise<number> => script(redis, [workers], { lifeMs: LIFE_MS, id: undefined }),
    async report(id: string): Promise<void> {
      await script(redis, [workers], { lifeMs: LIFE_MS, id });
    },
    async leave(id: string): Promise<void> {
      await redis.zrem(workers, id);
    },
  };
}

export type LiveWorkers = ReturnType<typeof openLiveWorkers>;
