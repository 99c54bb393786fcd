import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { MAX_DEATHS } from '../attempt/attempt.js';

/** So often in hand while a worker died: by chance, or as the cause. */
const SUSPECT_DEATHS = 2;

/** Whether an image is to be alone in its worker, so that nobody else pays if it is what kills it. */
export function isSuspect({ internal }: ImageRecord): boolean {
  // One that is still held was in hand when its worker died, and is not counted yet.
  const deaths = internal.deaths + (internal.holder === null ? 0 : 1);
  return deaths >= SUSPECT_DEATHS && deaths < MAX_DEATHS;
}

export interface Quarantine {
  /** Waits until the image may be in hand: a suspect when nobody else is. Returns how to leave. */
  enter(isAlone: boolean): Promise<() => void>;
}

/** Lets a worker's images be in hand together, but a suspect by itself. Who waits to be alone lets nobody else in. */
export function openQuarantine(): Quarantine {
  const waiting: { isAlone: boolean; go: () => void }[] = [];
  let inside = 0;
  let isTaken = false;

  function letIn(): void {
    for (;;) {
      const next = waiting[0];
      if (next === undefined || isTaken || (next.isAlone && inside > 0)) return;
      waiting.shift();
      inside++;
      isTaken = next.isAlone;
      next.go();
    }
  }

  return {
    enter(isAlone) {
      return new Promise((resolve) => {
        const leave = () => {
          inside--;
          if (isAlone) isTaken = false;
          letIn();
        };
        waiting.push({ isAlone, go: () => resolve(leave) });
        letIn();
      });
    },
  };
}
