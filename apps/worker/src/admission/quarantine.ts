import type { Permit } from './permit.js';

interface QuarantinePermit extends Permit {
  /** The image may have changed in the meantime. */
  hasWaited: boolean;
}

export interface Quarantine {
  /** Waits until the image may start: a suspect when no other image is in progress. */
  acquire(isAlone: boolean): Promise<QuarantinePermit>;
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
    acquire(isAlone) {
      return new Promise((resolve) => {
        const permit: QuarantinePermit = {
          hasWaited: false,
          [Symbol.dispose]() {
            inProgress--;
            if (isAlone) isReserved = false;
            startNext();
          },
        };
        const own = { isAlone, start: () => resolve(permit) };
        waiting.push(own);
        startNext();
        permit.hasWaited = waiting.includes(own);
      });
    },
  };
}
