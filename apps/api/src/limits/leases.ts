import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { loadScript } from '@pixdock/shared/runtime/scripts';
import { REDIS_PATIENCE_MS } from './rates.js';

/** The leases of a process that died expire after this time. */
const LEASE_MS = 60_000;
/** A renewal may fail twice before a lease expires. */
const RENEW_EVERY_MS = 20_000;

export type LeaseKind = 'uploads' | 'waits' | 'batches';

export interface Leases {
  /** Acquires one of `most` leases of an owner; null if all are held. */
  acquire(kind: LeaseKind, owner: string, most: number): Promise<Lease | null>;
  stop(): void;
}

/** One of the leases of an owner; releasing it twice has no effect. */
export interface Lease extends AsyncDisposable {
  id: string;
  /** Key in Redis of the sorted set with the leases of this owner and kind. */
  key: string;
  release(): void;
}

/** Key in Redis of the leases of an owner. */
export const leasesOf = (prefix: string, kind: LeaseKind, owner: string) => `${prefix}:held:${kind}:${owner}`;

/**
 * Counts the leases of owners in all API processes, in one sorted set per owner and kind. While Redis does not respond, each
 * process counts its own leases.
 */
export function openLeases(redis: RedisConnection, prefix: string): Leases {
  const acquireLeases = loadScript<{ ids: string[]; ttlMs: number; limit?: number }, 0 | 1>('acquire-leases');
  /** Ids of the leases of this process, by the key of their set. */
  const held = new Map<string, Set<string>>();
  const renewing = setInterval(() => {
    for (const [key, ids] of held)
      acquireLeases(redis, [key], { ids: [...ids], ttlMs: LEASE_MS }).catch(() => {});
  }, RENEW_EVERY_MS).unref();

  function release(key: string, id: string): void {
    const ids = held.get(key);
    if (ids?.delete(id) !== true) return;
    if (ids.size === 0) held.delete(key);
    redis.zrem(key, id).catch(() => {});
  }

  return {
    async acquire(kind, owner, most) {
      const key = leasesOf(prefix, kind, owner);
      const ids = held.get(key) ?? new Set();
      if (ids.size >= most) return null;
      const id = randomUUID();
      held.set(key, ids.add(id));
      const added = await orNull(acquireLeases(redis, [key], { ids: [id], ttlMs: LEASE_MS, limit: most }));
      if (added === 0) {
        release(key, id);
        return null;
      }
      return {
        id,
        key,
        release: () => release(key, id),
        async [Symbol.asyncDispose]() {
          release(key, id);
        },
      };
    },
    stop: () => clearInterval(renewing),
  };
}

/** Null when Redis does not respond in time. */
async function orNull<T>(command: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), REDIS_PATIENCE_MS);
  });
  try {
    return await Promise.race([command.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
