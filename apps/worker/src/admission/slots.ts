import { type Permit, permitOnce, retryAfter, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

/** A number of slots for each key, such as for each owner: a slow one delays only its own jobs. */
export interface Slots {
  acquire(key?: string): Permit | Wait;
}

export function openSlots(perKey: number): Slots {
  const used = new Map<string, { inUse: number; nextRetryMs: () => number }>();
  return {
    acquire(key = '') {
      const own = used.get(key) ?? { inUse: 0, nextRetryMs: staggerRetries() };
      if (own.inUse >= perKey) return retryAfter(own.nextRetryMs());
      own.inUse++;
      used.set(key, own);
      return permitOnce(() => {
        own.inUse--;
        if (own.inUse === 0) used.delete(key);
      });
    },
  };
}
