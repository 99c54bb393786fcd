import type { Logger } from '@pixdock/shared/runtime/log';
import type { StagingLayout } from '@pixdock/shared/state/files/layout';
import { openOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { openOwnerIndex } from '@pixdock/shared/state/files/owner-index';
import { openOwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { openReservations } from '@pixdock/shared/state/files/reservations';
import { bytesStaged } from '@pixdock/shared/state/files/walk';
import type { WorkerConfig } from '../config.js';

/** Of staging, for what images under way take when more is added to it; the other part is left to uploads. */
const UNDER_WAY_SHARE = 0.5;
/** Of that, for one owner while another one needs room, too. */
const OWNER_SHARE = 0.5;
/** Whoever is refused asks again within a minute. */
const ASKS_AGAIN_MS = 60_000;
const QUIET_MS = 90_000;

export interface Room {
  /**
   * Sets `bytes` aside for an owner; the returned function says how many came in the end. Null while there is no room, or
   * while the owner has half of it and another owner needs some.
   */
  take(owner: string, bytes: number): Promise<((came: number) => void) | null>;
}

type Limits = Pick<WorkerConfig, 'stagingMaxBytes' | 'maxUploadBytes' | 'lanes'>;

/**
 * Bounds what workers add to staging by what images under way take of it, since that goes as these are published. What is
 * kept for longer lessens the room, but never to nothing: a batch keeps its files until all its items have been fetched.
 */
export async function openRoom(
  layout: StagingLayout,
  { stagingMaxBytes, maxUploadBytes, lanes }: Limits,
  log: Logger,
): Promise<Room> {
  const most = stagingMaxBytes * UNDER_WAY_SHARE;
  // A source for each lane.
  const least = lanes * maxUploadBytes;
  let last = { underWay: 0, kept: 0 };
  const owners = openOwnerIndex(layout);
  const usage = openOwnerUsage();
  const askedAt = new Map<string, number>();
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
  function tellWanting(): void {
    if (quiet !== null) return void quiet.refresh();
    log.warn({ ...last, stagingMaxBytes }, 'staging has no room for more');
    quiet = setTimeout(() => {
      quiet = null;
      log.info('staging has room again');
    }, QUIET_MS).unref();
  }

  function isOverShare(owner: string, bytes: number): boolean {
    const since = performance.now() - ASKS_AGAIN_MS;
    const isNeeded = [...askedAt].some(([other, at]) => other !== owner && at > since);
    // One source always fits, or no owner would get any in a small staging.
    return isNeeded && usage.bytes(owner) + bytes > Math.max(maxUploadBytes, limitBytes * OWNER_SHARE);
  }

  return {
    async take(owner, asked) {
      const bytes = Math.min(asked, most);
      askedAt.set(owner, performance.now());
      if (isOverShare(owner, bytes)) await reservations.refreshBriefly();
      if (isOverShare(owner, bytes)) return null;
      // Before anything is waited for: other fetches of this owner ask at the same time.
      usage.promise(owner, bytes);
      const taken = await reservations.take(bytes).catch((error: unknown) => {
        usage.promise(owner, -bytes);
        throw error;
      });
      if (taken === null) {
        usage.promise(owner, -bytes);
        tellWanting();
        return null;
      }
      return (came) => {
        usage.promise(owner, -bytes);
        usage.store(owner, came);
        taken.release(came);
      };
    },
  };
}
