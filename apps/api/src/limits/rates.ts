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
import type { Limits, OwnerLimits } from './settings.js';

type RateName = 'postsPerMinute' | 'getsPerMinute';

/** The state of a rate limit after a request was counted. */
export interface Rate {
  quota: Quota;
  remaining: number;
  /** Seconds until the window ends. */
  resetSeconds: number;
}

export interface Rates {
  /** Counts a request. @throws OverLimitError */
  count(name: RateName, owner: string): Promise<Rate>;
}

/** Counts in fixed windows: GETs in memory, others in Redis, or in memory while Redis is unavailable. */
export function openRates(redis: RedisConnection, prefix: string, limits: Limits): Rates {
  const counters = { postsPerMinute: new Map<string, Counter>(), getsPerMinute: new Map<string, Counter>() };

  // A limiter has one limit, and limits differ between owners. Only owners with a key have limiters.
  function counterOf(name: RateName, owner: string): Counter {
    const known = counters[name].get(owner);
    if (known !== undefined) return known;
    const own = limits.of(owner);
    const counter = { limiter: makeLimiter(redis, prefix, name, own), quota: quotaOf(name, own[name]) };
    counters[name].set(owner, counter);
    return counter;
  }

  return {
    async count(name, owner) {
      const { limiter, quota } = counterOf(name, owner);
      try {
        const { remainingPoints, msBeforeNext } = await limiter.consume(owner);
        return { quota, remaining: remainingPoints, resetSeconds: Math.ceil(msBeforeNext / 1000) };
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw overLimit(name, quota.limit, Math.max(1, Math.ceil(error.msBeforeNext / 1000)));
      }
    },
  };
}

interface Counter {
  limiter: RateLimiterAbstract;
  quota: Quota;
}

function makeLimiter(
  redis: RedisConnection,
  prefix: string,
  name: RateName,
  limits: OwnerLimits,
): RateLimiterAbstract {
  const duration = quotaOf(name, limits[name]).windowSeconds ?? 0;
  const options = { keyPrefix: `${prefix}:rate:${name}`, points: limits[name], duration };
  const memory = new RateLimiterMemory(options);
  if (name === 'getsPerMinute') return memory;
  const limiter = new RateLimiterRedis({
    ...options,
    storeClient: redis,
    // Requests over the limit send no commands to Redis until the window ends.
    inMemoryBlockOnConsumed: limits[name] + 1,
  });
  return new RLWrapperTimeouts({ limiter, timeoutMs: REDIS_PATIENCE_MS, insuranceLimiter: memory });
}
