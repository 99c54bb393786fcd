import { asError } from '@pixdock/shared/runtime/as-error';
import type { Logger } from '@pixdock/shared/runtime/log';
import { BATCH_BYTES } from '@pixdock/shared/state/record-keys';
import type { Leases } from '@pixdock/shared/state/service/leases';
import { BESIDE_INPUT_BYTES, type openHoldings, totalOf } from './holdings.js';
import type { HourlyItems } from './hourly-items.js';
import { overLimit, overRedis } from './over-limit.js';
import type { OwnerLimits } from './settings.js';

/**
 * Most items that one command to Redis reserves; the number begins at one and doubles. Near the limit, another batch of the
 * owner may be refused because of these items until this batch ends.
 */
const MOST_AT_ONCE = 256;

/** Work that a request may create: an image, a batch, or another run of so many failed images. */
export type Work = 'image' | 'batch' | { retried: number };

/** The owner's limits for work that is being created. Disposal frees its items, unless `keep` was called. */
export interface Admission extends AsyncDisposable {
  /**
   * Counts an item of a batch.
   * @param bytes of the item in staging
   * @throws OverLimitError when the owner has used up a limit, also in the middle of the input
   */
  countItem(bytes: number): Promise<void>;
  /** Keeps the items: the batch is accepted. */
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
): Promise<Admission> {
  const [{ redisBytes }, { batches, untouchedBytes }] = await Promise.all([
    holdings.read(owner),
    holdings.readOpenBatches(owner),
  ]);
  const used = { ...redisBytes, records: redisBytes.records + untouchedBytes + BATCH_BYTES };
  if (totalOf(used) >= limits.redisBytes) throw overRedis(used, limits.redisBytes);
  // A batch that is being received is not open yet; its lease counts instead.
  const lease = await leases.acquire('batches', owner, limits.openBatches - batches);
  if (lease === null) throw overLimit('openBatches', limits.openBatches);
  let items = 0;
  let reserved = 0;
  let ofLease = 0;
  let atOnce = 1;
  let isKept = false;

  return {
    async countItem(bytes) {
      items++;
      used.records += bytes + BESIDE_INPUT_BYTES;
      if (totalOf(used) > limits.redisBytes) throw overRedis(used, limits.redisBytes);
      if (items <= reserved) return;
      const { itemsPerHour } = limits;
      const granted = await hourlyItems.reserve(owner, lease, atOnce, itemsPerHour);
      const { count, resetSeconds } = granted;
      ofLease = granted.ofLease;
      if (count === 0) throw overLimit('itemsPerHour', itemsPerHour, resetSeconds);
      reserved += count;
      atOnce = Math.min(MOST_AT_ONCE, atOnce * 2);
    },
    keep() {
      isKept = true;
    },
    async [Symbol.asyncDispose]() {
      try {
        if (reserved > 0) await hourlyItems.giveBackUnused(owner, lease, ofLease, isKept ? items : 0);
      } catch (error) {
        // The reservation expires with the lease.
        log.warn({ err: asError(error), owner }, 'cannot give back the unused items of a batch');
      }
      lease.release();
    },
  };
}
