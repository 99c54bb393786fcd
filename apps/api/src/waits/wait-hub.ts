import type { FairQueue } from '../fair-queue.js';
import type { SharedReads, Versioned } from './shared-reads.js';

/** All requests that wait for an image, or all that wait for a batch. */
export interface WaitHub<T> {
  /**
   * Waits until `isEnough` accepts the state, `ms` have passed, `signal` aborts or the server stops.
   * @param first the state that the request has read itself
   * @returns the newest state known
   * @throws the error of a state that could not be read
   */
  wait(first: T, isEnough: (state: T) => boolean, ms: number, signal: AbortSignal): Promise<T>;
}

/** A wait costs a timer and a few closures here, about 1 KiB; the connection and its request cost more. */
export function openWaitHub<T extends Versioned>(
  reads: SharedReads<T>,
  queue: FairQueue,
  stopping: AbortSignal,
): WaitHub<T> {
  // One listener for all: an AbortSignal goes through its listeners one by one to remove one.
  const ends = new Set<() => void>();
  stopping.addEventListener('abort', () => {
    for (const end of ends) end();
  });

  return {
    async wait(first, isEnough, ms, signal) {
      if (signal.aborted || stopping.aborted) return first;
      return new Promise<T>((resolve, reject) => {
        let newest = first;
        let leave: (() => void) | null = null;
        let isOver = false;
        const respond = (error: Error | null) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onEnd);
          ends.delete(onEnd);
          if (error === null) resolve(newest);
          else reject(error);
        };
        const end = (error: Error | null) => {
          if (isOver) return;
          isOver = true;
          leave?.();
          void inTurn(first.owner, () => respond(error));
        };
        const onEnd = () => end(null);
        const timer = setTimeout(onEnd, ms);
        signal.addEventListener('abort', onEnd, { once: true });
        ends.add(onEnd);
        leave = reads.follow(first.id, {
          onState(state) {
            if (state.version <= newest.version) return;
            newest = state;
            if (isEnough(state)) end(null);
          },
          onError: end,
        });
        if (isOver) leave();
      });
    },
  };

  // All requests that wait for one image end at the same moment.
  async function inTurn(owner: string, respond: () => void): Promise<void> {
    const leave = await queue.enter(owner);
    respond();
    leave();
  }
}
