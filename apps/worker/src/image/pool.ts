export interface Pool<T> {
  /**
   * Waits for its turn: first come first served among the urgent, and all of these before the others.
   * @throws the signal's reason when that aborts
   */
  take(signal: AbortSignal, isUrgent: boolean): Promise<T>;
  give(thing: T): void;
}

/** Shares a few things among many who want one for a while. */
export function createPool<T>(things: readonly T[]): Pool<T> {
  const free = [...things];
  const urgent = new Set<(thing: T) => void>();
  const others = new Set<(thing: T) => void>();

  return {
    async take(signal, isUrgent) {
      signal.throwIfAborted();
      const thing = free.pop();
      return thing ?? waitForOne(signal, isUrgent ? urgent : others);
    },
    give(thing) {
      const [next] = urgent.size > 0 ? urgent : others;
      if (next === undefined) free.push(thing);
      else next(thing);
    },
  };

  function waitForOne(signal: AbortSignal, waiting: Set<(thing: T) => void>): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiting.delete(receive);
        reject(signal.reason);
      };
      const receive = (thing: T) => {
        waiting.delete(receive);
        signal.removeEventListener('abort', onAbort);
        resolve(thing);
      };
      waiting.add(receive);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
