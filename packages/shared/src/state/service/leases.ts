import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../../runtime/redis.js';
import { orNull } from '../../runtime/redis-patience.js';
import { loadScript } from '../../runtime/scripts.js';

/** A renewal may fail twice before a lease expires. */
const RENEWALS_PER_LEASE = 3;

export type LeaseKind =
  | 'uploads'
  | 'waits'
  | 'batches'
  | 'fetches'
  | 'item-fetches'
  | 'restores'
  | 'comparisons';

export interface Leases {
  /** Acquires one of `most` leases of an owner or a host; null if all are held. */
  acquire(kind: LeaseKind, holder: string, most: number): Promise<Lease | null>;
  stop(): void;
}

/** Releasing it twice has no effect; disposing of it releases it. */
export interface Lease extends Disposable {
  id: string;
  /** Key in Redis of the sorted set with the leases of this holder and kind. */
  key: string;
  release(): void;
}

/** Key in Redis of the leases of an owner or a host. */
export const leasesOf = (prefix: string, kind: LeaseKind, holder: string) =>
  `${prefix}:held:${kind}:${holder}`;

/**
 * Counts leases in all processes, in one sorted set per holder and kind. While Redis does not respond, and after a loss until the
 * next renewal, each process counts its own leases.
 * @param leaseMs after which the leases of a process that died expire
 */
export function openLeases(redis: RedisConnection, prefix: string, leaseMs: number): Leases {
  const acquireLeases = loadScript<0 | 1>('acquire-leases');
  /** Ids of the leases of this process, by the key of their set. */
  const held = new Map<string, Set<string>>();
  const renewing = setInterval(() => {
    // Without a connection, a worker's commands would pile up.
    if (redis.status !== 'ready') return;
    for (const [key, ids] of held)
      acquireLeases(redis, [key], { ids: [...ids], ttlMs: leaseMs }).catch(() => {});
  }, leaseMs / RENEWALS_PER_LEASE).unref();

  function release(key: string, id: string): void {
    const ids = held.get(key);
    if (ids?.delete(id) !== true) return;
    if (ids.size === 0) held.delete(key);
    redis.zrem(key, id).catch(() => {});
  }

  return {
    async acquire(kind, holder, most) {
      const key = leasesOf(prefix, kind, holder);
      const ids = held.get(key) ?? new Set();
      if (ids.size >= most) return null;
      const id = randomUUID();
      held.set(key, ids.add(id));
      const added = await orNull(acquireLeases(redis, [key], { ids: [id], ttlMs: leaseMs, limit: most }));
      if (added === 0) {
        release(key, id);
        return null;
      }
      return {
        id,
        key,
        release: () => release(key, id),
        [Symbol.dispose]: () => release(key, id),
      };
    },
    stop: () => clearInterval(renewing),
  };
}
