import type { Leases } from '@pixdock/shared/state/service/leases';
import { LRUCache } from 'lru-cache';
import { type Permit, retryAfter, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

/** Hosts whose waiting fetches keep their order; fetches from further hosts lose it. */
const MOST_HOSTS = 1000;

/** Fetches from one host at a time, in all workers together. */
export interface HostSlots {
  acquire(host: string): Promise<Permit | Wait>;
}

export function openHostSlots(
  leases: Pick<Leases, 'acquire'>,
  kind: 'fetches' | 'item-fetches',
  perHost: number,
): HostSlots {
  const retries = new LRUCache<string, () => number>({ max: MOST_HOSTS });
  return {
    async acquire(host) {
      const lease = await leases.acquire(kind, host, perHost);
      if (lease !== null) return lease;
      const nextRetryMs = retries.get(host) ?? staggerRetries();
      retries.set(host, nextRetryMs);
      return retryAfter(nextRetryMs());
    },
  };
}
