import { setTimeout as sleep } from 'node:timers/promises';

/** Nobody is refused by a count that is older. */
const REFRESH_MS = 5000;
/** Of the time, for counting while there is room: a count costs in proportion to what waits. */
const COUNTING_SHARE = 1 / 20;
/** A count takes seconds where tens of thousands of files lie; whoever is refused is told so sooner. */
const PATIENCE_MS = 1000;

export interface Count {
  takenBytes: number;
  limitBytes: number;
}

/** What was set aside: how much, and how to give it back, of which `came` bytes have come and stay. */
export interface Reservation {
  bytes: number;
  release: (came: number) => void;
}

export interface Reservations {
  /** Sets bytes aside: as many as fit of `most`, or null where not even `least` do. */
  take(least: number, most?: number): Promise<Reservation | null>;
  /** Whether as many could be taken. */
  fits(bytes: number): Promise<boolean>;
  /** Counts again, when the last count is old. */
  refresh(): Promise<void>;
}

/**
 * Keeps within a limit what was there at the last count, what this process has brought since, and what it has on the way.
 * What goes, and what other processes bring, shows at the next count.
 */
export function openReservations(count: () => Promise<Count>): Reservations {
  let counted: Count = { takenBytes: 0, limitBytes: 0 };
  let countedAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let cameSince = 0;
  let onTheWay = 0;
  let counting: Promise<void> | null = null;

  async function recount(): Promise<void> {
    const [before, begunAt] = [cameSince, performance.now()];
    counted = await count();
    cameSince -= before;
    countedAt = performance.now();
    tookMs = countedAt - begunAt;
  }

  const free = () => counted.limitBytes - counted.takenBytes - cameSince - onTheWay;

  function refresh(oldMs = REFRESH_MS): Promise<void> {
    if (performance.now() - countedAt < oldMs) return Promise.resolve();
    counting ??= recount().finally(() => {
      counting = null;
    });
    return counting;
  }

  async function fits(bytes: number): Promise<boolean> {
    // Nobody waits for a count but who would be refused without it.
    if (bytes <= free()) refresh(Math.max(REFRESH_MS, tookMs / COUNTING_SHARE)).catch(() => {});
    else await Promise.race([refresh(), sleep(PATIENCE_MS, undefined, { ref: false })]);
    return bytes <= free();
  }

  return {
    refresh: () => refresh(),
    fits,
    async take(least, most = least) {
      // Others may have taken it by the time that this one hears of it.
      if (!(await fits(least)) || least > free()) return null;
      const bytes = Math.max(least, Math.min(most, free()));
      onTheWay += bytes;
      return {
        bytes,
        release(came) {
          onTheWay -= bytes;
          cameSince += came;
        },
      };
    },
  };
}
