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
  /** Counts the opening of a stream of all changes, which may send hundreds of them. @throws PixdockError rate_limited */
  openFeed(owner: string): Promise<void>;
  /** For lists and look-ups, which read up to a few thousand records. */
  scans: Permits;
}

// 8 × 5 HEADs use 40 of a process's 64 sockets to OSS; an owner uses at most 20.
const UNKNOWN_IDS = { atOnce: 8, ofOwner: 4, queuedOfOwner: 64 };
/** Together with the 1.5 s of a HEAD, less than two seconds. */
const UNKNOWN_PATIENCE_MS = 400;
/** 50 HEADs per second of each owner; OSS accepts thousands from an account. */
const LOOKS_IN_STORAGE = { count: 100, seconds: 10 };
/** As many clients as may wait can open their streams twice in a minute, for example because the API restarts. */
const FEEDS = { count: 128, seconds: 60 };
/** Each reads 50 records with one command, 0.2 ms of Redis, and parses them in slices. */
const SCANS = { atOnce: 8, ofOwner: 4, queuedOfOwner: 64 };
const SCAN_PATIENCE_MS = 1000;

/** With a single owner, only the limits of all owners together apply. */
export function openReadLimits(hasManyOwners: () => boolean): ReadLimits {
  const countLook = openCount(LOOKS_IN_STORAGE, 'lookups-in-storage', hasManyOwners);
  const countFeed = openCount(FEEDS, 'streams-opened', hasManyOwners);
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
    lookInStorage: countLook,
    openFeed: countFeed,
  };
}

/** Refuses an owner after so many calls in this time, unless there is one owner only. */
function openCount(
  { count, seconds }: { count: number; seconds: number },
  reason: 'lookups-in-storage' | 'streams-opened',
  hasManyOwners: () => boolean,
): (owner: string) => Promise<void> {
  const limiter = new RateLimiterMemory({ points: count, duration: seconds });
  return async (owner) => {
    if (!hasManyOwners()) return;
    try {
      await limiter.consume(owner);
    } catch (refused) {
      throw new PixdockError('rate_limited', detailOf(reason, { limit: count, seconds }), {
        retryAfterSeconds: Math.ceil((refused as RateLimiterRes).msBeforeNext / 1000),
      });
    }
  };
}
