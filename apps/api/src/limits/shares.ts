import { fresh } from '@pixdock/shared/runtime/fresh';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { openLeases } from '@pixdock/shared/state/service/leases';
import { readMaxMemory } from '@pixdock/shared/state/space';
import { type Admission, openBatchAdmission, type Work } from './batch-admission.js';
import { openHoldings, totalOf } from './holdings.js';
import { openHourlyItems } from './hourly-items.js';
import { MINUTE_SECONDS, overLimit, overRedis, type Quota, quotaOf } from './over-limit.js';
import { openResumableUploads } from './resumable-uploads.js';
import type { Limits, OwnerLimits } from './settings.js';
import type { SharedCounts } from './shared-counts.js';

/** The leases of a process that died expire after this time. */
const LEASE_MS = 60_000;

/** Share of Redis' `maxmemory` that an owner may use, whatever `redisBytes` says: a full Redis refuses every owner. */
const REDIS_SHARE = 3 / 4;
/** An operator may change `maxmemory` while Redis runs. */
const MAX_MEMORY_FRESH_MS = 60_000;

/** The state of a rate limit after a request was counted. */
export interface Rate {
  quota: Quota;
  remaining: number;
  /** Seconds until the window ends. */
  resetSeconds: number;
}

/** The limits that keep one owner from blocking another. All throw OverLimitError. */
export interface Shares {
  /** Counts a request; null where no rate applies. */
  countRequest(owner: string, kind: 'post' | 'get'): Rate | null;
  /** Acquires one of the owner's concurrent request bodies. */
  acquireUpload(owner: string): Promise<OwnerLease>;
  /** Acquires one of the owner's concurrent waits. */
  acquireWait(owner: string): Promise<OwnerLease>;
  /**
   * Admits all work that a request creates: an image by the owner's bytes of Redis and by waiting images, a batch by the open ones, too,
   * and retries by waiting images and the items of the hour. Also throws while Redis does not respond.
   */
  admit(owner: string, work: Work): Promise<Admission>;
  /** Checks the limit on held images before an image for review is accepted. Also throws while Redis does not respond. */
  admitReviewed(owner: string): Promise<void>;
  /** Counts a new resumable upload, until it expires. Also throws while Redis does not respond. */
  admitResumable(owner: string, id: string, expiresAt: string): Promise<void>;
  /** Forgets a resumable upload that is finished or removed. */
  releaseResumable(owner: string, id: string): Promise<void>;
  stop(): void;
}

/** A lease that an owner holds until its release. */
export interface OwnerLease extends Disposable {
  release(): void;
}

/** The admission of an image, of retries, and of everything where no limit applies: none of them has items to count. */
const withoutItems = (): Admission => ({
  countItem: async () => {},
  keep: () => {},
  [Symbol.asyncDispose]: async () => {},
});

/** The limits of all owners. With a single owner, no limit applies. */
export function openShares(
  redis: RedisConnection,
  prefix: string,
  limits: Limits,
  counts: SharedCounts,
  hasManyOwners: () => boolean,
  log: Logger,
): Shares {
  const [ofOwners, none] = [openOwnerShares(redis, prefix, limits, counts, log), noShares()];
  const shares = () => (hasManyOwners() ? ofOwners : none);
  return {
    countRequest: (owner, kind) => shares().countRequest(owner, kind),
    acquireUpload: (owner) => shares().acquireUpload(owner),
    acquireWait: (owner) => shares().acquireWait(owner),
    admit: (owner, work) => shares().admit(owner, work),
    admitReviewed: (owner) => shares().admitReviewed(owner),
    admitResumable: (owner, id, expiresAt) => shares().admitResumable(owner, id, expiresAt),
    releaseResumable: (owner, id) => shares().releaseResumable(owner, id),
    stop: () => ofOwners.stop(),
  };
}

function openOwnerShares(
  redis: RedisConnection,
  prefix: string,
  limits: Limits,
  counts: SharedCounts,
  log: Logger,
): Shares {
  const leases = openLeases(redis, prefix, LEASE_MS);
  const holdings = openHoldings(redis, prefix);
  const hourlyItems = openHourlyItems(redis, prefix);
  const resumable = openResumableUploads(redis, prefix);
  const maxMemory = fresh(() => readMaxMemory(redis), MAX_MEMORY_FRESH_MS);

  async function limitsOnWork(owner: string): Promise<OwnerLimits> {
    const limit = limits.of(owner);
    return {
      ...limit,
      redisBytes: Math.min(limit.redisBytes, Math.floor((await maxMemory()) * REDIS_SHARE)),
    };
  }

  async function acquire(kind: 'uploads' | 'waits', owner: string): Promise<OwnerLease> {
    const most = limits.of(owner)[kind];
    const lease = await leases.acquire(kind, owner, most);
    if (lease === null) throw overLimit(kind, most);
    return lease;
  }

  return {
    countRequest(owner, kind) {
      const name = kind === 'get' ? 'getsPerMinute' : 'postsPerMinute';
      const quota = quotaOf(name, limits.of(owner)[name]);
      const counted = { name: quota.name, windowSeconds: MINUTE_SECONDS };
      const { used, secondsLeft } = counts.count(owner, counted);
      if (used > quota.limit) throw overLimit(name, quota.limit, secondsLeft);
      return { quota, remaining: quota.limit - used, resetSeconds: secondsLeft };
    },
    acquireUpload: (owner) => acquire('uploads', owner),
    acquireWait: (owner) => acquire('waits', owner),

    async admit(owner, work) {
      const limit = await limitsOnWork(owner);
      if (work === 'batch') return openBatchAdmission({ hourlyItems, leases, holdings, log }, owner, limit);
      const isNew = work === 'image';
      const { redisBytes, waitingImages } = await (isNew
        ? holdings.readRecent(owner, limit)
        : holdings.read(owner));
      if (isNew && totalOf(redisBytes) >= limit.redisBytes) throw overRedis(redisBytes, limit.redisBytes);
      const images = isNew ? 1 : work.retried;
      if (waitingImages + images > limit.waitingImages) throw overLimit('waitingImages', limit.waitingImages);
      if (!isNew && images > 0) {
        const { count, resetSeconds } = await hourlyItems.take(owner, images, limit.itemsPerHour);
        if (count < images) throw overLimit('itemsPerHour', limit.itemsPerHour, resetSeconds);
      }
      return withoutItems();
    },

    async admitReviewed(owner) {
      const { heldImages } = limits.of(owner);
      if ((await redis.zcard(recordKeys(prefix).ofHeld(owner))) >= heldImages)
        throw overLimit('heldImages', heldImages);
    },

    admitResumable: (owner, id, expiresAt) => resumable.add(owner, id, expiresAt),
    releaseResumable: (owner, id) => resumable.release(owner, id),
    stop: () => leases.stop(),
  };
}

/** Applies no limits. */
export function noShares(): Shares {
  const nothing: OwnerLease = { release: () => {}, [Symbol.dispose]: () => {} };
  return {
    countRequest: () => null,
    acquireUpload: async () => nothing,
    acquireWait: async () => nothing,
    admit: async () => withoutItems(),
    admitReviewed: async () => {},
    admitResumable: async () => {},
    releaseResumable: async () => {},
    stop: () => {},
  };
}
