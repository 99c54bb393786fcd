import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { REDIS_PATIENCE_MS } from '@pixdock/shared/state/service/leases';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible';
import type { Quota } from './over-limit.js';
import { overLimit, quotaOf } from './over-limit.js';
import type { Limits } from './settings.js';
import { openSharedCounts } from './shared-counts.js';

/** The state of a rate limit after a request was counted. */
export interface Rate {
  quota: Quota;
  remaining: number;
  /** Seconds until the window ends. */
  resetSeconds: number;
}

export interface Rates {
  /** Counts a POST. @throws OverLimitError */
  countPost(owner: string): Promise<Rate>;
  /** Counts a GET. @throws OverLimitError */
  countGet(owner: string): Rate;
  stop(): void;
}

/** Counts in fixed windows: POSTs in Redis, or in memory while Redis is unavailable; GETs as SharedCounts does. */
export function openRates(redis: RedisConnection, prefix: string, limits: Limits): Rates {
  // A limiter has one limit, and limits differ between owners. Only owners with a key have limiters.
  const limiters = new Map<string, RateLimiterAbstract>();
  const gets = openSharedCounts(redis, prefix);

  function limiterOf(owner: string, quota: Quota): RateLimiterAbstract {
    const limiter = limiters.get(owner) ?? makeLimiter(redis, prefix, quota);
    limiters.set(owner, limiter);
    return limiter;
  }

  return {
    async countPost(owner) {
      const quota = quotaOf('postsPerMinute', limits.of(owner).postsPerMinute);
      try {
        const { remainingPoints, msBeforeNext } = await limiterOf(owner, quota).consume(owner);
        return { quota, remaining: remainingPoints, resetSeconds: secondsOf(msBeforeNext) };
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw overLimit('postsPerMinute', quota.limit, secondsOf(error.msBeforeNext));
      }
    },
    countGet(owner) {
      const { getsPerMinute: limit } = limits.of(owner);
      const { used, msLeft } = gets.count(owner);
      const resetSeconds = secondsOf(msLeft);
      if (used > limit) throw overLimit('getsPerMinute', limit, resetSeconds);
      return { quota: quotaOf('getsPerMinute', limit), remaining: limit - used, resetSeconds };
    },
    stop: () => gets.stop(),
  };
}

const secondsOf = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

function makeLimiter(
  redis: RedisConnection,
  prefix: string,
  { limit: points, windowSeconds: duration = 0 }: Quota,
): RateLimiterAbstract {
  const options = { keyPrefix: `${prefix}:rate:postsPerMinute`, points, duration };
  const memory = new RateLimiterMemory(options);
  const limiter = new RateLimiterRedis({
    ...options,
    storeClient: redis,
    // Requests over the limit send no commands to Redis until the window ends.
    inMemoryBlockOnConsumed: points + 1,
  });
  return new RLWrapperTimeouts({ limiter, timeoutMs: REDIS_PATIENCE_MS, insuranceLimiter: memory });
}
