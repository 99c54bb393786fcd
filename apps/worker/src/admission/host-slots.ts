import { openPlaces } from '@pixdock/shared/runtime/places';
import type { Leases } from '@pixdock/shared/state/service/leases';
import { LRUCache } from 'lru-cache';
import { type Permit, permitOnce, retryAfter, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

/** Hosts whose waiting fetches keep their order; fetches from further hosts lose it. */
const MOST_HOSTS = 1000;
/** Fetches of one owner that wait here: as many as its batches start from one host (owner-window.ts). Others wait in Redis. */
const WAITING_OF_OWNER = 128;
/** After this time a fetch waits in Redis, so that another worker can take it. */
const WAIT_MS = 2000;

/** Fetches from one host at a time, in all workers together. */
export interface HostSlots {
  /** @param freeSlot called if the fetch waits here, so that its owner's fetches from other hosts begin meanwhile */
  acquire(host: string, owner: string, freeSlot: () => void): Promise<Permit | Wait>;
}

export function openHostSlots(
  leases: Pick<Leases, 'acquire'>,
  kind: 'fetches' | 'item-fetches',
  perHost: number,
): HostSlots {
  const hosts = new LRUCache<string, ReturnType<typeof openHost>>({ max: MOST_HOSTS });
  /** Waiting fetches by owner. Has at most one entry for each owner with an API key. */
  const waiting = new Map<string, number>();

  /** Owners take turns in its places. */
  function openHost() {
    return { places: openPlaces({ atOnce: perHost }), nextRetryMs: staggerRetries() };
  }

  return {
    async acquire(name, owner, freeSlot) {
      const host = hosts.get(name) ?? openHost();
      hosts.set(name, host);
      const before = waiting.get(owner) ?? 0;
      if (before >= WAITING_OF_OWNER) return retryAfter(host.nextRetryMs(owner));
      waiting.set(owner, before + 1);
      const patience = () => {
        freeSlot();
        return AbortSignal.timeout(WAIT_MS);
      };
      const place = await host.places.acquire(owner, patience).catch(() => null);
      waiting.set(owner, (waiting.get(owner) ?? 1) - 1);
      const lease = place && (await leases.acquire(kind, name, perHost));
      if (place !== null && lease !== null)
        return permitOnce(() => {
          lease.release();
          place[Symbol.dispose]();
        });
      place?.[Symbol.dispose]();
      return retryAfter(host.nextRetryMs(owner));
    },
  };
}
