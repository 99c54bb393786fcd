import { endpointOf } from '@pixdock/shared/runtime/sources/endpoint';
import { type Permit, retryAfter, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

export interface HostSlots {
  /** Takes a slot at the URL's host and port. */
  acquire(url: string): Permit | Wait;
}

interface Host {
  inUse: number;
  nextRetryMs: () => number;
}

/** Limits the fetches from each host, so that a slow host delays only its own items. */
export function openHostSlots(perHost: number): HostSlots {
  const hosts = new Map<string, Host>();
  return {
    acquire(url) {
      const { key } = endpointOf(new URL(url));
      const host = hosts.get(key) ?? { inUse: 0, nextRetryMs: staggerRetries() };
      if (host.inUse >= perHost) return retryAfter(host.nextRetryMs());
      host.inUse++;
      hosts.set(key, host);
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) host.inUse--;
          isHeld = false;
          if (host.inUse === 0) hosts.delete(key);
        },
      };
    },
  };
}
