import { PixdockError } from '../errors.js';
import type { StagingLayout } from './layout.js';
import { openReservations } from './reservations.js';
import { bytesBelow } from './walk.js';

export interface Budget {
  maxBytes: number;
  /** Sets `bytes` aside; the returned function says how many came in the end. @throws PixdockError staging_full */
  reserve(bytes: number): Promise<(came: number) => void>;
  /** Counts again what lies in staging, when the last count is old. */
  refresh(): Promise<void>;
}

/**
 * Keeps what is accepted within STAGING_MAX_BYTES. What workers make of it counts as well, and they keep within bounds of
 * their own.
 */
export function openBudget({ incoming, live, batches }: StagingLayout, maxBytes: number): Budget {
  const reservations = openReservations(async () => {
    const seen = new Set<number>();
    let takenBytes = 0;
    for (const folder of [incoming, live, batches]) takenBytes += await bytesBelow(folder, seen);
    return { takenBytes, limitBytes: maxBytes };
  });
  return {
    maxBytes,
    refresh: () => reservations.refresh(),
    async reserve(bytes) {
      const release = await reservations.take(bytes);
      if (release === null) throw new PixdockError('staging_full');
      return release;
    },
  };
}
