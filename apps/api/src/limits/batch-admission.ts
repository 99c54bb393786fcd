import { OUTCOME_BYTES } from '@pixdock/shared/state/files/outcome-bytes';
import type { openHoldings } from './holdings.js';
import type { Leases } from './leases.js';
import { OverLimitError } from './over-limit.js';
import type { Rates } from './rates.js';
import { overLimit } from './refusal.js';
import type { OwnerLimits } from './settings.js';

/** Most items that one command to Redis counts. It begins with one and doubles, so that a small batch counts few too many. */
const MOST_AT_ONCE = 1000;

/** A batch that is being received. Unless it is kept, the items that it counted are taken back at the end. */
export interface BatchAdmission extends AsyncDisposable {
  /** Bytes of staging that the owner's outcomes take. */
  outcomeBytes: number;
  /** Counts an item. @throws OverLimitError in the middle of the input when the owner has used up a limit */
  countItem(): Promise<void>;
  /** The batch is accepted. */
  keep(): void;
}

interface Parts {
  rates: Rates;
  leases: Leases;
  holdings: ReturnType<typeof openHoldings>;
}

/** Takes one of an owner's open batches. @throws OverLimitError */
export async function openBatchAdmission(
  { rates, leases, holdings }: Parts,
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
  let counted = 0;
  let atOnce = 1;
  let isKept = false;
  /** Items counted in the current hour, and when that ends. */
  let inWindow = 0;
  let windowEndsAt = 0;

  /** A refused count stays until it is taken back. */
  async function countMore(count: number): Promise<void> {
    if (performance.now() >= windowEndsAt) inWindow = 0;
    counted += count;
    inWindow += count;
    const endsAfter = (seconds: number) => {
      windowEndsAt = performance.now() + seconds * 1000;
    };
    try {
      endsAfter((await rates.count('itemsPerHour', owner, count)).resetSeconds);
    } catch (error) {
      if (error instanceof OverLimitError) endsAfter(error.retryAfterSeconds);
      throw error;
    }
  }

  /** Items of an earlier hour do not count any more: taken back, they would be a credit in this one. */
  async function takeBack(count: number): Promise<void> {
    counted -= count;
    const back = performance.now() < windowEndsAt ? Math.min(count, inWindow) : 0;
    inWindow -= back;
    if (back > 0) await rates.takeBack('itemsPerHour', owner, back);
  }

  return {
    outcomeBytes: records * OUTCOME_BYTES,
    async countItem() {
      items++;
      if (items > mostItems) throw overLimit('records', limits.records);
      if (items <= counted) return;
      try {
        await countMore(atOnce);
        atOnce = Math.min(MOST_AT_ONCE, atOnce * 2);
      } catch (error) {
        if (atOnce === 1 || !(error instanceof OverLimitError)) throw error;
        // As many may still fit one by one.
        await takeBack(atOnce);
        atOnce = 1;
        await countMore(1);
      }
    },
    keep() {
      isKept = true;
    },
    async [Symbol.asyncDispose]() {
      lease.release();
      const unused = isKept ? counted - items : counted;
      if (unused > 0) await takeBack(unused).catch(() => {});
    },
  };
}
