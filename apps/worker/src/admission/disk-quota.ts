import { bytesByOwnerSchema, openLastCount } from '@pixdock/shared/state/files/last-count';
import { openOwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { type BeginCount, openReservations } from '@pixdock/shared/state/files/reservations';
import type { SharingParts } from '@pixdock/shared/state/files/shared-bytes';
import type { UnopenedStaging } from '@pixdock/shared/state/staging';
import { z } from 'zod';
import type { WorkerConfig } from '../config.js';
import type { WorkerEvents } from '../events.js';
import { type Permit, retryAfter, UNLIMITED, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

/** Share of staging that images in progress may use when workers add to it; the rest is left to uploads. */
const IN_PROGRESS_SHARE = 0.5;
/** Share of the quota that one owner may use while another owner needs some of it. */
const OWNER_SHARE = 0.5;
/** A refused job asks again within a minute. */
const RETRY_WITHIN_MS = 60_000;
const CALM_MS = 90_000;

/** Reserved bytes of staging. */
interface DiskPermit extends Permit {
  /** The bytes that were written and stay when the permit is disposed of. */
  commit(bytes: number): void;
}

export interface DiskQuota {
  /**
   * Reserves `bytes` for an owner, unless staging is full, or the owner has half of the quota and another needs some.
   * @param mayBeHeld whether the image needs a review: it also waits while held images have all the space that they may use
   */
  acquire(owner: string, bytes: number, mayBeHeld?: boolean): Promise<DiskPermit | Wait>;
}

type Limits = Pick<WorkerConfig, 'stagingMaxBytes' | 'maxUploadBytes' | 'lanes'>;

const filesSchema = z.object({
  underWay: z.number(),
  held: z.number(),
  kept: z.number(),
  byOwner: bytesByOwnerSchema,
  heldByOwner: bytesByOwnerSchema,
});

const NOTHING_RESERVED: DiskPermit = { ...UNLIMITED, commit() {} };

/**
 * Limits the bytes that all workers add to staging. Files of images in progress count, since they are removed when the images
 * are published. Files that are kept for longer reduce the quota, but never to zero: a batch keeps its files until all its
 * items have been fetched. Files of held images have a share of their own, since they stay until a person decides.
 */
export async function openDiskQuota(
  sharing: Pick<SharingParts, 'redis' | 'prefix'>,
  staging: Pick<UnopenedStaging, 'openUsageCounter' | 'notes'>,
  { stagingMaxBytes, maxUploadBytes, lanes }: Limits,
  events: Pick<WorkerEvents, 'stagingFull' | 'stagingFreed'>,
): Promise<DiskQuota & { stop(): void }> {
  const maxLimitBytes = stagingMaxBytes * IN_PROGRESS_SHARE;
  // A source for each lane.
  const minLimitBytes = lanes * maxUploadBytes;
  let counted = { underWay: 0, held: 0, kept: 0 };
  let heldByOwner: ReadonlyMap<string, number> = new Map();
  const counter = staging.openUsageCounter();
  const usage = openOwnerUsage();
  const requestedAt = new Map<string, number>();
  const nextRetryMs = staggerRetries();
  let limitBytes = maxLimitBytes;
  const beginCount: BeginCount<z.output<typeof filesSchema>> = () => {
    const setByOwner = usage.beginCount();
    return {
      count: (pace) => counter.work(pace),
      use({ underWay, held, kept, ...ofOwners }) {
        setByOwner(ofOwners.byOwner);
        heldByOwner = ofOwners.heldByOwner;
        counted = { underWay, held, kept };
        const remaining = stagingMaxBytes - counted.kept - counted.held;
        limitBytes = Math.min(maxLimitBytes, Math.max(minLimitBytes, remaining));
        return { usedBytes: counted.underWay, limitBytes };
      },
    };
  };
  const parts = { ...sharing, kind: 'work' } as const;
  const reservations = openReservations(
    parts,
    beginCount,
    openLastCount(staging.notes, parts.kind, filesSchema),
  );
  await reservations.begin();

  let calm: NodeJS.Timeout | null = null;
  function reportFull(): void {
    if (calm !== null) return void calm.refresh();
    events.stagingFull({ ...counted, stagingMaxBytes });
    calm = setTimeout(() => {
      calm = null;
      events.stagingFreed();
    }, CALM_MS).unref();
  }

  function isOverShare(owner: string, bytes: number): boolean {
    const since = performance.now() - RETRY_WITHIN_MS;
    const isNeeded = [...requestedAt].some(([other, at]) => other !== owner && at > since);
    // One source always fits, or no owner would get any in a small staging.
    return isNeeded && usage.bytes(owner) + bytes > Math.max(maxUploadBytes, limitBytes * OWNER_SHARE);
  }

  const hasTooManyHeld = (owner: string) =>
    counted.held >= maxLimitBytes || (heldByOwner.get(owner) ?? 0) >= maxLimitBytes * OWNER_SHARE;

  return {
    stop: reservations.stop,
    async acquire(owner, requested, mayBeHeld = false) {
      if (mayBeHeld && hasTooManyHeld(owner)) await reservations.refreshBriefly();
      else if (mayBeHeld) reservations.refreshLater();
      if (mayBeHeld && hasTooManyHeld(owner)) return retryAfter(nextRetryMs(owner));
      if (requested === 0) return NOTHING_RESERVED;
      const bytes = Math.min(requested, maxLimitBytes);
      requestedAt.set(owner, performance.now());
      if (isOverShare(owner, bytes)) await reservations.refreshBriefly();
      if (isOverShare(owner, bytes)) return retryAfter(nextRetryMs(owner));
      // Before the first await: other fetches of this owner ask at the same time.
      usage.reserve(owner, bytes);
      const reservation = await reservations.take(bytes).catch((error: unknown) => {
        usage.reserve(owner, -bytes);
        throw error;
      });
      if (reservation === null) {
        usage.reserve(owner, -bytes);
        reportFull();
        return retryAfter(nextRetryMs(owner));
      }
      let storedBytes = 0;
      return {
        commit(stored) {
          storedBytes = stored;
        },
        [Symbol.dispose]() {
          usage.reserve(owner, -bytes);
          usage.store(owner, storedBytes);
          reservation.release(storedBytes);
        },
      };
    },
  };
}
