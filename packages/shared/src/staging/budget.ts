import { PixdockError } from '../errors.js';
import type { StagingLayout } from './layout.js';
import { bytesBelow } from './walk.js';

const REFRESH_MS = 5000;

export interface Budget {
  maxBytes: number;
  /** Sets `bytes` aside; the returned function says how many came in the end. @throws PixdockError staging_full */
  reserve(bytes: number): Promise<(came: number) => void>;
  /** Counts again what lies in staging, when the last count is old. */
  refresh(): Promise<void>;
}

/**
 * Keeps staging within STAGING_MAX_BYTES: what lay there at the last count, what has come since, and what is on its way.
 * Workers only ever free space, so an old count errs on the safe side.
 */
export function openBudget({ incoming, live, batches }: StagingLayout, maxBytes: number): Budget {
  let counted = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  let cameSince = 0;
  let onTheWay = 0;
  let counting: Promise<void> | null = null;

  async function count(): Promise<void> {
    const before = cameSince;
    let sum = 0;
    for (const folder of [incoming, live, batches]) sum += await bytesBelow(folder);
    counted = sum;
    cameSince -= before;
    countedAt = performance.now();
  }

  const fits = (bytes: number) => counted + cameSince + onTheWay + bytes <= maxBytes;

  function refresh(): Promise<void> {
    if (performance.now() - countedAt < REFRESH_MS) return Promise.resolve();
    counting ??= count().finally(() => {
      counting = null;
    });
    return counting;
  }

  return {
    maxBytes,
    refresh,
    async reserve(bytes) {
      const recounted = refresh();
      // Nobody waits for a count but who would be refused without it.
      if (fits(bytes)) recounted.catch(() => {});
      else await recounted;
      if (!fits(bytes)) throw new PixdockError('staging_full');
      onTheWay += bytes;
      return (came) => {
        onTheWay -= bytes;
        cameSince += came;
      };
    },
  };
}
