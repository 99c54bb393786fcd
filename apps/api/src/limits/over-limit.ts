import { PixdockError } from '@pixdock/contract/error';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import type { ownerLimitMessages } from '@pixdock/contract/messages/limits';
import { type RedisBytes, totalOf } from './holdings.js';
import type { OwnerLimits } from './settings.js';

/** A limit as the `RateLimit-Policy` field describes it (draft-ietf-httpapi-ratelimit-headers-11). */
export interface Quota {
  /** Name of the policy. */
  name: string;
  /** Quota of the policy (`q`). */
  limit: number;
  /** Length of the time window (`w`) in seconds; absent for a limit on what an owner holds. */
  windowSeconds?: number;
  /** Quota unit (`qu`); absent for requests. */
  unit?: 'content-bytes' | 'concurrent-requests';
}

/** An owner has used up a share: 429 `rate_limited`, with the fields that name the limit. */
export class OverLimitError extends PixdockError {
  constructor(
    readonly quota: Quota,
    detail: Detail,
    /** Seconds until a repeat may succeed. */
    override readonly retryAfterSeconds: number,
  ) {
    super('rate_limited', detail);
  }
}

type LimitName = Exclude<keyof OwnerLimits, 'stagingShare' | 'redisBytes'>;

type LimitReason = keyof typeof ownerLimitMessages;

interface Policy extends Omit<Quota, 'limit'> {
  /** Seconds until a repeat may succeed, if no window determines them. */
  retryAfterSeconds: number;
  reason: LimitReason;
}

export const MINUTE_SECONDS = 60;
export const HOUR_SECONDS = 3600;

/** The name and the explanation of each limit. */
const POLICIES: Record<LimitName, Policy> = {
  postsPerMinute: {
    name: 'posts',
    windowSeconds: MINUTE_SECONDS,
    retryAfterSeconds: MINUTE_SECONDS,
    reason: 'posts-per-minute',
  },
  getsPerMinute: {
    name: 'gets',
    windowSeconds: MINUTE_SECONDS,
    retryAfterSeconds: MINUTE_SECONDS,
    reason: 'gets-per-minute',
  },
  uploads: {
    name: 'uploads',
    unit: 'concurrent-requests',
    retryAfterSeconds: 1,
    reason: 'uploads-at-once',
  },
  waits: {
    name: 'waits',
    unit: 'concurrent-requests',
    retryAfterSeconds: 2,
    reason: 'waits-at-once',
  },
  openBatches: {
    name: 'open-batches',
    retryAfterSeconds: 30,
    reason: 'open-batches',
  },
  itemsPerHour: {
    name: 'items',
    windowSeconds: HOUR_SECONDS,
    retryAfterSeconds: HOUR_SECONDS,
    reason: 'items-per-hour',
  },
  waitingImages: {
    name: 'waiting-images',
    retryAfterSeconds: 30,
    reason: 'waiting-images',
  },
  heldImages: {
    name: 'held-images',
    retryAfterSeconds: HOUR_SECONDS,
    reason: 'held-images',
  },
};

/** The policy of a limit as its response headers describe it. */
export function quotaOf(name: LimitName, limit: number): Quota {
  const { name: policy, windowSeconds, unit } = POLICIES[name];
  return {
    name: policy,
    limit,
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** The error for an owner who is over a limit. */
export function overLimit(name: LimitName, limit: number, retryAfterSeconds?: number): OverLimitError {
  const policy = POLICIES[name];
  return new OverLimitError(
    quotaOf(name, limit),
    detailOf(policy.reason, { limit }),
    retryAfterSeconds ?? policy.retryAfterSeconds,
  );
}

/** The error for an owner who uses their share of the bytes in staging. */
export function overStaging(used: number, max: number, retryAfterSeconds: number): OverLimitError {
  const detail = detailOf('staging-share', { used: Math.floor(used), max: Math.floor(max) });
  return new OverLimitError(bytesQuota('staging', max), detail, retryAfterSeconds);
}

/** The error for an owner who would take more of Redis than they may. */
export function overRedis(bytes: RedisBytes, max: number): OverLimitError {
  const detail = detailOf('redis-bytes', { ...bytes, used: totalOf(bytes), max });
  return new OverLimitError(bytesQuota('redis', max), detail, HOUR_SECONDS);
}

const bytesQuota = (name: string, max: number): Quota => ({
  name,
  limit: Math.floor(max),
  unit: 'content-bytes',
});
