import { type Permit, retryAfter, type Wait } from './permit.js';
import { staggerRetries } from './stagger-retries.js';

/** Places for webhook endpoints that respond slowly or not at all. All other places serve endpoints that respond in time. */
export interface SlowPlaces {
  acquire(): Permit | Wait;
}

export function openSlowPlaces(places: number): SlowPlaces {
  const nextRetryMs = staggerRetries();
  let inUse = 0;
  return {
    acquire() {
      if (inUse >= places) return retryAfter(nextRetryMs());
      inUse++;
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) inUse--;
          isHeld = false;
        },
      };
    },
  };
}
