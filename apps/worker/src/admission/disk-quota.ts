import type { StagingLayout } from '@pixdock/shared/state/files/layout';
import { openOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { openOwnerIndex } from '@pixdock/shared/state/files/owner-index';
import { openOwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { openReservations } from '@pixdock/shared/state/files/reservations';
import { bytesStaged } from '@pixdock/shared/state/files/walk';
import type { WorkerConfig } from '../config.js';
import type { WorkerEvents } from '../events.js';
import { FREE, type Permit, retryAfter, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

/** Share of staging that images in progress may use when workers add to it; the rest is left to uploads. */
const IN_PROGRESS_SHARE = 0.5;
/** Share of the quota that one owner may use while another owner needs some of it. */
const OWNER_SHARE = 0.5;
/** A refused job asks again within a minute. */
const ASKS_AGAIN_MS = 60_000;
const QUIET_MS = 90_000;

/** Reserved bytes of staging. */
interface DiskPermit extends Permit {
  /** The bytes that were written and stay when the permit is disposed of. */
  commit(bytes: number): void;
}

export interface DiskQuota {
  /** Reserves `bytes` for an owner, unless staging is full, or the owner has half of the quota and another needs some. */
  acquire(owner: string, bytes: number): Promise<DiskPermit | Wait>;
}

type Limits = Pick<WorkerConfig, 'stagingMaxBytes' | 'maxUploadBytes' | 'lanes'>;

const NOTHING_RESERVED: DiskPermit = { ...FREE, commit() {} };

/**
 * Limits the bytes that workers add to staging. Files of images in progress count, since they are removed when the images
 * are published. Files that are kept for longer reduce the quota, but never to zero: a batch keeps its files until all its
 * items have been fetched.
 */
export async function openDiskQuota(
  layout: StagingLayout,
  { stagingMaxBytes, maxUploadBytes, lanes }: Limits,
  events: Pick<WorkerEvents, 'stagingFull' | 'stagingFreed'>,
): Promise<DiskQuota> {
  const most = stagingMaxBytes * IN_PROGRESS_SHARE;
  // A source for each lane.
  const least = lanes * maxUploadBytes;
  let last = { underWay: 0, kept: 0 };
  const owners = openOwnerIndex(layout);
  const usage = openOwnerUsage();
  const askedAt = new Map<string, number>();
  const nextRetryMs = staggerRetries();
  let limitBytes = most;
  const outcomes = openOutcomeBytes(layout);
  const reservations = openReservations(async () => {
    const setCounted = usage.beginCount();
    const { underWay, kept, byOwner } = await bytesStaged(layout, owners.begin());
    setCounted(byOwner);
    last = { underWay, kept: kept + (await outcomes.read()) };
    const left = stagingMaxBytes - last.kept;
    limitBytes = Math.min(most, Math.max(least, left));
    return { takenBytes: last.underWay, limitBytes };
  });
  await reservations.refresh();

  let quiet: NodeJS.Timeout | null = null;
  function reportFull(): void {
    if (quiet !== null) return void quiet.refresh();
    events.stagingFull({ ...last, stagingMaxBytes });
    quiet = setTimeout(() => {
      quiet = null;
      events.stagingFreed();
    }, QUIET_MS).unref();
  }

  function isOverShare(owner: string, bytes: number): boolean {
    const since = performance.now() - ASKS_AGAIN_MS;
    const isNeeded = [...askedAt].some(([other, at]) => other !== owner && at > since);
    // One source always fits, or no owner would get any in a small staging.
    return isNeeded && usage.bytes(owner) + bytes > Math.max(maxUploadBytes, limitBytes * OWNER_SHARE);
  }

  return {
    async acquire(owner, asked) {
      if (asked === 0) return NOTHING_RESERVED;
      const bytes = Math.min(asked, most);
      askedAt.set(owner, performance.now());
      if (isOverShare(owner, bytes)) await reservations.refreshBriefly();
      if (isOverShare(owner, bytes)) return retryAfter(nextRetryMs());
      // Before the first await: other fetches of this owner ask at the same time.
      usage.promise(owner, bytes);
      const taken = await reservations.take(bytes).catch((error: unknown) => {
        usage.promise(owner, -bytes);
        throw error;
      });
      if (taken === null) {
        usage.promise(owner, -bytes);
        reportFull();
        return retryAfter(nextRetryMs());
      }
      let storedBytes = 0;
      return {
        commit(stored) {
          storedBytes = stored;
        },
        [Symbol.dispose]() {
          usage.promise(owner, -bytes);
          usage.store(owner, storedBytes);
          taken.release(storedBytes);
        },
      };
    },
  };
}
