import { PixdockError } from '../errors.js';
import type { StagingLayout } from './layout.js';
import { openReservations, type Reservation } from './reservations.js';
import { bytesTaken } from './walk.js';

/** What is set aside at a time for something of unknown size, beyond what has come of it. */
const STEP_BYTES = 16 * 1024 * 1024;
/** Of a small staging a step is no large part either. */
const STEP_SHARE = 1 / 16;

export interface Budget {
  /**
   * Sets `bytes` aside for what comes under an id.
   * @param expected how many it is likely to become: they are not set aside, but must fit now
   * @throws PixdockError staging_full
   */
  reserve(id: string, bytes: number, expected?: number): Promise<Room>;
  /** Counts again what lies in staging, when the last count is old. */
  refresh(): Promise<void>;
}

/** Room in staging for one thing that comes. */
export interface Room {
  /** Makes sure of room for `bytes` in all, as they come. @throws PixdockError staging_full */
  cover(bytes: number): Promise<void>;
  /** Gives back the room of what did not come, or does not stay. */
  release(came: number): void;
}

/**
 * Keeps what is accepted within STAGING_MAX_BYTES. What workers make of it counts as well, and they keep within bounds of
 * their own.
 */
export function openBudget(layout: StagingLayout, maxBytes: number): Budget {
  const step = Math.min(STEP_BYTES, maxBytes * STEP_SHARE);
  // What has room set aside counts by that, and not by what lies there already.
  const reserved = new Set<string>();
  const released = new Set<string>();
  const reservations = openReservations(async () => {
    for (const id of released) reserved.delete(id);
    released.clear();
    return { takenBytes: await bytesTaken(layout, reserved), limitBytes: maxBytes };
  });

  async function take(least: number, most = least): Promise<Reservation> {
    const taken = await reservations.take(least, most);
    if (taken === null) throw new PixdockError('staging_full');
    return taken;
  }

  return {
    refresh: () => reservations.refresh(),
    async reserve(id, bytes, expected = bytes) {
      if (!(await reservations.fits(expected))) throw new PixdockError('staging_full');
      const taken = [await take(bytes)];
      let covered = bytes;
      reserved.add(id);
      released.delete(id);
      return {
        async cover(needed) {
          if (needed <= covered) return;
          const wanted = needed + Math.min(needed, step);
          const more = await take(needed - covered, wanted - covered);
          taken.push(more);
          covered += more.bytes;
        },
        release(came) {
          for (const [i, { release }] of taken.entries()) release(i === 0 ? came : 0);
          // A count that is under way still passes over it, and what came is added to that.
          released.add(id);
        },
      };
    },
  };
}
