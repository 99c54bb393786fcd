import { loadGuardedWrite } from '@pixdock/shared/runtime/guarded-write';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { loadScript } from '@pixdock/shared/runtime/scripts';
import type { Lease } from './leases.js';
import { HOUR_SECONDS } from './over-limit.js';

/** The items that an owner submits within an hour. */
export interface HourlyItems {
  /** Reserves up to `count` items for the batch that holds the lease: none when the owner has used up the limit. */
  reserve(owner: string, lease: Lease, count: number, limit: number): Promise<Reserved>;
  /**
   * Ends the batch's reservation; `kept` of its items count until the hour ends, but none that it reserved in an earlier hour.
   * @param ofLease from the batch's last reservation
   */
  giveBackUnused(owner: string, lease: Lease, ofLease: number, kept: number): Promise<void>;
}

interface Reserved {
  count: number;
  /** The items that the batch has reserved in this hour. */
  ofLease: number;
  /** Until the hour is over. */
  resetSeconds: number;
}

type ReserveFields = { leaseId: string; items: number; limit: number; windowMs: number };

/**
 * Counts exactly, in one hash per owner: kept items, and the items reserved for each batch in progress. The reservation of a
 * process that died expires with its lease.
 */
export function openHourlyItems(redis: RedisConnection, prefix: string): HourlyItems {
  const reserveScript = loadScript<ReserveFields, [number, number, number]>('reserve-items');
  const guardedWrite = loadGuardedWrite(redis);
  const keyOf = (owner: string) => `${prefix}:rate:items:${owner}`;
  return {
    async reserve(owner, lease, count, limit) {
      const fields = { leaseId: lease.id, items: count, limit, windowMs: HOUR_SECONDS * 1000 };
      const [granted, ofLease, ttlMs] = await reserveScript(redis, [keyOf(owner), lease.key], fields);
      return { count: granted, ofLease, resetSeconds: Math.max(1, Math.ceil(ttlMs / 1000)) };
    },
    async giveBackUnused(owner, lease, ofLease, kept) {
      const hour = keyOf(owner);
      await guardedWrite({ hash: hour, field: lease.id, expected: ofLease }, [
        ['HDEL', hour, lease.id],
        ['HINCRBY', hour, 'kept', Math.min(ofLease, kept)],
      ]);
    },
  };
}
