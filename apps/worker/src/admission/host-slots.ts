import { openPlaces } from '@pixdock/shared/runtime/places';
import type { Leases } from '@pixdock/shared/state/service/leases';
import { LRUCache } from 'lru-cache';
import { type Permit, permitOnce, retryAfter, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

/** Hosts whose fetches wait in turn; of further ones, the order is lost. */
const MOST_HOSTS = 1000;
/** Fetches that wait here for each one in progress. Further ones go back to the queue, so that a slow host delays no other. */
const WAITING_PER_SLOT = 2;
/** As long as a fetch that goes back is delayed. */
const WAIT_MS = 400;

/** Fetches from one host at a time, in all workers together. */
export interface HostSlots {
  /** Waits a moment if this worker has the slots of the host; owners take turns. */
  acquire(host: string, owner: string): Promise<Permit | Wait>;
}

export function openHostSlots(
  leases: Pick<Leases, 'acquire'>,
  kind: 'fetches' | 'item-fetches',
  perHost: number,
): HostSlots {
  const hosts = new LRUCache<string, ReturnType<typeof openHost>>({ max: MOST_HOSTS });

  function openHost() {
    return { places: openPlaces({ atOnce: perHost }), asking: 0, nextRetryMs: staggerRetries() };
  }

  return {
    async acquire(name, owner) {
      const host = hosts.get(name) ?? openHost();
      hosts.set(name, host);
      if (host.asking >= WAITING_PER_SLOT * perHost) return retryAfter(host.nextRetryMs());
      host.asking++;
      const place = await host.places.acquire(owner, () => AbortSignal.timeout(WAIT_MS)).catch(() => null);
      const lease = place && (await leases.acquire(kind, name, perHost));
      host.asking--;
      if (lease === null) {
        place?.[Symbol.dispose]();
        return retryAfter(host.nextRetryMs());
      }
      return permitOnce(() => {
        lease.release();
        place?.[Symbol.dispose]();
      });
    },
  };
}
