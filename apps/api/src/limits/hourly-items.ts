import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { loadScript } from '@pixdock/shared/runtime/scripts';
import type { Lease } from './leases.js';
import { HOUR_SECONDS } from './refusal.js';

/** The items that an owner submits within an hour. */
export interface HourlyItems {
  /** Reserves up to `count` items for the batch that holds the lease: none when the owner has used up the limit. */
  reserve(owner: string, lease: Lease, count: number, limit: number): Promise<Reserved>;
  /** Ends the batch's reservation; `kept` of its items count until the hour ends. */
  settle(owner: string, lease: Lease, kept: number): Promise<void>;
}

interface Reserved {
  count: number;
  /** Until the hour is over. */
  resetSeconds: number;
}

type ReserveFields = { leaseId: string; items: number; limit: number; windowMs: number };

/**
 * Counts exactly, in one hash per owner: kept items, and the items reserved for each batch in progress. The reservation of a
 * process that died expires with its lease.
 */
export function openHourlyItems(redis: RedisConnection, prefix: string): HourlyItems {
  const reserveScript = loadScript<ReserveFields, [reserved: number, ttlMs: number]>('reserve-items');
  const settleScript = loadScript<{ leaseId: string; kept: number }, 0 | 1>('settle-items');
  const keyOf = (owner: string) => `${prefix}:rate:items:${owner}`;
  return {
    async reserve(owner, lease, count, limit) {
      const fields = { leaseId: lease.id, items: count, limit, windowMs: HOUR_SECONDS * 1000 };
      const [granted, ttlMs] = await reserveScript(redis, [keyOf(owner), lease.key], fields);
      return { count: granted, resetSeconds: Math.max(1, Math.ceil(ttlMs / 1000)) };
    },
    async settle(owner, lease, kept) {
      await settleScript(redis, [keyOf(owner)], { leaseId: lease.id, kept });
    },
  };
}
