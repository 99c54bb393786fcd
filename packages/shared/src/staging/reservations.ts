import { setTimeout as sleep } from 'node:timers/promises';

const REFRESH_MS = 5000;
/** A count takes seconds where tens of thousands of files lie; whoever is refused is told so sooner. */
const PATIENCE_MS = 1000;

export interface Count {
  takenBytes: number;
  limitBytes: number;
}

export interface Reservations {
  /** Sets `bytes` aside; the returned function says how many came in the end. Null where they do not fit. */
  take(bytes: number): Promise<((came: number) => void) | null>;
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
  let cameSince = 0;
  let onTheWay = 0;
  let counting: Promise<void> | null = null;

  async function recount(): Promise<void> {
    const before = cameSince;
    counted = await count();
    cameSince -= before;
    countedAt = performance.now();
  }

  const fits = (bytes: number) => counted.takenBytes + cameSince + onTheWay + bytes <= counted.limitBytes;

  function refresh(): Promise<void> {
    if (performance.now() - countedAt < REFRESH_MS) return Promise.resolve();
    counting ??= recount().finally(() => {
      counting = null;
    });
    return counting;
  }

  return {
    refresh,
    async take(bytes) {
      const recounted = refresh();
      // Nobody waits for a count but who would be refused without it.
      if (fits(bytes)) recounted.catch(() => {});
      else await Promise.race([recounted, sleep(PATIENCE_MS, undefined, { ref: false })]);
      if (!fits(bytes)) return null;
      onTheWay += bytes;
      return (came) => {
        onTheWay -= bytes;
        cameSince += came;
      };
    },
  };
}
