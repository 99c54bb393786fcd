import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { openPermits, type Permits } from './permits.js';

/** Limits of this process on reads that cost much more than a command to Redis. */
export interface ReadLimits {
  /** For ids that Redis does not have: each reads three files of staging and sends five HEADs to OSS. */
  unknownIds: Permits;
  /** For one look-up in OSS. @throws PixdockError rate_limited */
  lookInStorage(owner: string): Promise<void>;
  /** For lists and look-ups, which read up to a few thousand records. */
  scans: Permits;
}

// 8 × 5 HEADs use 40 of a process's 64 sockets to OSS; an owner uses at most 20.
const UNKNOWN_IDS = { atOnce: 8, ofOwner: 4, queuedOfOwner: 64 };
/** Together with the 1.5 s of a HEAD, less than two seconds. */
const UNKNOWN_PATIENCE_MS = 400;
/** 50 HEADs per second of each owner; OSS accepts thousands from an account. */
const LOOKS_IN_STORAGE = { count: 100, seconds: 10 };
/** Each reads 50 records with one command, 0.2 ms of Redis, and parses them in slices. */
const SCANS = { atOnce: 8, ofOwner: 4, queuedOfOwner: 64 };
const SCAN_PATIENCE_MS = 1000;

/** With a single owner, only the limits of all owners together apply. */
export function openReadLimits(hasManyOwners: () => boolean): ReadLimits {
  const looks = new RateLimiterMemory({ points: LOOKS_IN_STORAGE.count, duration: LOOKS_IN_STORAGE.seconds });
  return {
    unknownIds: openPermits(
      {
        ...UNKNOWN_IDS,
        patienceMs: UNKNOWN_PATIENCE_MS,
        refusal: detailOf('unknown-ids-at-once', { limit: UNKNOWN_IDS.ofOwner }),
      },
      hasManyOwners,
    ),
    scans: openPermits(
      {
        ...SCANS,
        patienceMs: SCAN_PATIENCE_MS,
        refusal: detailOf('scans-at-once', { limit: SCANS.ofOwner }),
      },
      hasManyOwners,
    ),
    async lookInStorage(owner) {
      if (!hasManyOwners()) return;
      try {
        await looks.consume(owner);
      } catch (refused) {
        const { count, seconds } = LOOKS_IN_STORAGE;
        throw new PixdockError('rate_limited', detailOf('lookups-in-storage', { limit: count, seconds }), {
          retryAfterSeconds: Math.ceil((refused as RateLimiterRes).msBeforeNext / 1000),
        });
      }
    },
  };
}

/** An image is synced by three of the 16 file threads of a process (UV_THREADPOOL_SIZE): other owners find a free thread. */
const WRITES_OF_OWNER = 5;
/** Thousands of concurrent writes take some seconds. */
const PATIENCE_MS = 10_000;

/** Limits the concurrent durable writes of one owner, because each waits for the disk. */
export function openWriteLimits(hasManyOwners: () => boolean): Permits {
  return openPermits(
    {
      atOnce: Number.POSITIVE_INFINITY,
      ofOwner: WRITES_OF_OWNER,
      queuedOfOwner: Number.POSITIVE_INFINITY,
      patienceMs: PATIENCE_MS,
      refusal: detailOf('writes-at-once'),
    },
    hasManyOwners,
  );
}
