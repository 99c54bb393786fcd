import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { MAX_DEATHS } from '../attempt/start-attempt.js';
import type { Permit } from './permit.js';

/** An image that was in progress in so many workers when they died may be the cause. */
const SUSPECT_DEATHS = 2;

/** Whether an image must be the only one in its worker, so that it takes no other image down with it. */
export function isSuspect({ internal }: ImageRecord): boolean {
  // An image that is still held was in progress when its worker died, which is not counted yet.
  const deaths = internal.deaths + (internal.holder === null ? 0 : 1);
  return deaths >= SUSPECT_DEATHS && deaths < MAX_DEATHS;
}

export interface Quarantine {
  /** Waits until the image may start: a suspect when no other image is in progress. */
  acquire(isAlone: boolean): Promise<Permit>;
  /** Whether an image waits. */
  isWaiting(): boolean;
}

/** Lets a worker process several images at a time, but a suspect alone. While a suspect waits, no later image starts. */
export function openQuarantine(): Quarantine {
  const waiting: { isAlone: boolean; start: () => void }[] = [];
  let inProgress = 0;
  let isReserved = false;

  function startNext(): void {
    for (;;) {
      const next = waiting[0];
      if (next === undefined || isReserved || (next.isAlone && inProgress > 0)) return;
      waiting.shift();
      inProgress++;
      isReserved = next.isAlone;
      next.start();
    }
  }

  return {
    isWaiting: () => waiting.length > 0,
    acquire(isAlone) {
      return new Promise((resolve) => {
        const permit: Permit = {
          [Symbol.dispose]() {
            inProgress--;
            if (isAlone) isReserved = false;
            startNext();
          },
        };
        waiting.push({ isAlone, start: () => resolve(permit) });
        startNext();
      });
    },
  };
}
