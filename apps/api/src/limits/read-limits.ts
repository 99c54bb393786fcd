import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { openPermits, type Permits } from './permits.js';
import type { SharedCounts } from './shared-counts.js';

/** Limits on reads that cost much more than a command to Redis. */
export interface ReadLimits {
  /** Of this process, for ids that Redis does not have: each reads three files of staging and sends five HEADs to OSS. */
  unknownIds: Permits;
  /** Counts a look-up in OSS in all processes. @throws PixdockError rate_limited */
  lookInStorage(owner: string): void;
  /**
   * Counts the opening of a stream of all changes, which may send hundreds of them, in all processes.
   * @throws PixdockError rate_limited
   */
  openFeed(owner: string): void;
  /** Of this process, for lists and look-ups, which read up to a few thousand records. */
  scans: Permits;
}

// 8 × 5 HEADs use 40 of a process's 64 sockets to OSS; an owner uses at most 10.
const UNKNOWN_IDS = { atOnce: 8, ofOwner: 2, queuedOfOwner: 64 };
/** Together with the 1.5 s of a HEAD, less than two seconds. */
const UNKNOWN_PATIENCE_MS = 400;
const COUNTED = {
  /** 50 HEADs per second of each owner; OSS accepts thousands from an account. */
  'lookups-in-storage': { limit: 100, seconds: 10 },
  /** As many clients as may wait can open their streams twice in a minute, for example because the API restarts. */
  'streams-opened': { limit: 128, seconds: 60 },
} as const;
/** Each reads 50 records with one command, 0.2 ms of Redis, and parses them in slices. */
const SCANS = { atOnce: 8, ofOwner: 4, queuedOfOwner: 64 };
const SCAN_PATIENCE_MS = 1000;

/** With a single owner, only the limits of all owners together apply. */
export function openReadLimits(hasManyOwners: () => boolean, counts: SharedCounts): ReadLimits {
  /** Counts a call; refuses an owner who has made as many as the limit in the window. */
  function count(owner: string, name: keyof typeof COUNTED): void {
    if (!hasManyOwners()) return;
    const { limit, seconds } = COUNTED[name];
    const { used, secondsLeft } = counts.count(owner, { name, windowSeconds: seconds });
    if (used > limit)
      throw new PixdockError('rate_limited', detailOf(name, { limit, seconds }), {
        retryAfterSeconds: secondsLeft,
      });
  }

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
    lookInStorage: (owner) => count(owner, 'lookups-in-storage'),
    openFeed: (owner) => count(owner, 'streams-opened'),
  };
}
