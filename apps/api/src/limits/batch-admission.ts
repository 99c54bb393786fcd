import { asError } from '@pixdock/shared/runtime/as-error';
import type { Logger } from '@pixdock/shared/runtime/log';
import { OUTCOME_BYTES } from '@pixdock/shared/state/files/outcome-bytes';
import type { openHoldings } from './holdings.js';
import type { HourlyItems } from './hourly-items.js';
import type { Leases } from './leases.js';
import { overLimit } from './refusal.js';
import type { OwnerLimits } from './settings.js';

/**
 * Most items that one command to Redis reserves. It begins with one and doubles. Another batch of the owner may be refused
 * for as many items near the limit, until this one ends.
 */
const MOST_AT_ONCE = 256;

/** A batch that is being received. Unless it is kept, the items that it reserved are free again at the end. */
export interface BatchAdmission extends AsyncDisposable {
  /** Bytes of staging that the owner's outcomes take. */
  outcomeBytes: number;
  /** Counts an item. @throws OverLimitError in the middle of the input when the owner has used up a limit */
  countItem(): Promise<void>;
  /** The batch is accepted. */
  keep(): void;
}

interface Parts {
  hourlyItems: HourlyItems;
  leases: Leases;
  holdings: ReturnType<typeof openHoldings>;
  log: Logger;
}

/** Takes one of an owner's open batches. @throws OverLimitError */
export async function openBatchAdmission(
  { hourlyItems, leases, holdings, log }: Parts,
  owner: string,
  limits: OwnerLimits,
): Promise<BatchAdmission> {
  const [{ records }, { batches, untouchedItems }] = await Promise.all([
    holdings.read(owner),
    holdings.readOpenBatches(owner),
  ]);
  if (records + untouchedItems >= limits.records) throw overLimit('records', limits.records);
  // A batch in progress is not open yet, and counts by its lease.
  const lease = await leases.acquire('batches', owner, limits.openBatches - batches);
  if (lease === null) throw overLimit('openBatches', limits.openBatches);
  const mostItems = limits.records - records - untouchedItems;
  let items = 0;
  let reserved = 0;
  let atOnce = 1;
  let isKept = false;

  return {
    outcomeBytes: records * OUTCOME_BYTES,
    async countItem() {
      items++;
      if (items > mostItems) throw overLimit('records', limits.records);
      if (items <= reserved) return;
      const { itemsPerHour } = limits;
      const { count, resetSeconds } = await hourlyItems.reserve(owner, lease, atOnce, itemsPerHour);
      if (count === 0) throw overLimit('itemsPerHour', itemsPerHour, resetSeconds);
      reserved += count;
      atOnce = Math.min(MOST_AT_ONCE, atOnce * 2);
    },
    keep() {
      isKept = true;
    },
    async [Symbol.asyncDispose]() {
      try {
        if (reserved > 0) await hourlyItems.settle(owner, lease, isKept ? items : 0);
      } catch (error) {
        // The reservation ends with the lease.
        log.warn({ err: asError(error), owner }, 'the items of a batch could not be settled');
      }
      lease.release();
    },
  };
}
