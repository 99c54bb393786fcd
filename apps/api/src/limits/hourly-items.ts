import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { loadScript } from '@pixdock/shared/runtime/scripts';
import { loadGuardedWrite } from '@pixdock/shared/state/guarded-write';
import { type Lease, leasesOf } from '@pixdock/shared/state/service/leases';
import { HOUR_SECONDS } from './over-limit.js';

/** The items that an owner submits within an hour. */
export interface HourlyItems {
  /** Reserves up to `count` items for the batch that holds the lease: none when the owner has used up the limit. */
  reserve(owner: string, lease: Lease, count: number, limit: number): Promise<Reserved>;
  /** Counts `count` items until the hour ends: none unless all are below the limit. */
  take(owner: string, count: number, limit: number): Promise<Omit<Reserved, 'ofLease'>>;
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

type ReserveFields = { leaseId: string; items: number; isWhole?: true; limit: number; windowMs: number };

/** The field of the items that are not reserved for a batch in progress. */
const KEPT = 'kept';

/**
 * Counts exactly, in one hash per owner: kept items, and the items reserved for each batch in progress. The reservation of a
 * process that died expires with its lease.
 */
export function openHourlyItems(redis: RedisConnection, prefix: string): HourlyItems {
  const reserveScript = loadScript<[number, number, number], ReserveFields>('reserve-items');
  const guardedWrite = loadGuardedWrite(redis);
  const keyOf = (owner: string) => `${prefix}:rate:items:${owner}`;
  async function reserve(
    owner: string,
    leases: string,
    asked: Pick<ReserveFields, 'leaseId' | 'items' | 'isWhole' | 'limit'>,
  ): Promise<Reserved> {
    const fields = { ...asked, windowMs: HOUR_SECONDS * 1000 };
    const [count, ofLease, ttlMs] = await reserveScript(redis, [keyOf(owner), leases], fields);
    return { count, ofLease, resetSeconds: Math.max(1, Math.ceil(ttlMs / 1000)) };
  }
  return {
    reserve: (owner, lease, items, limit) => reserve(owner, lease.key, { leaseId: lease.id, items, limit }),
    take: (owner, items, limit) =>
      reserve(owner, leasesOf(prefix, 'batches', owner), { leaseId: KEPT, items, isWhole: true, limit }),
    async giveBackUnused(owner, lease, ofLease, kept) {
      const hour = keyOf(owner);
      await guardedWrite({ hash: hour, field: lease.id, expected: ofLease }, [
        ['HDEL', hour, lease.id],
        ['HINCRBY', hour, KEPT, Math.min(ofLease, kept)],
      ]);
    },
  };
}
