/**
 * Requests that the queue admits in each turn of the event loop. A request takes about 0.4 ms in all, and up to 3 ms in a process
 * that has just started, so a turn takes 2 to 15 ms. A request of another owner takes about five turns: to be accepted, read,
 * admitted, looked up in Redis and answered.
 */
const PER_TURN = 5;

export interface FairQueue {
  /** Resolves when it is the owner's turn: immediately while there are few requests. */
  enter(owner: string): Promise<void>;
}

/**
 * Spreads the work for thousands of requests over turns of the event loop. Owners take turns, so that the requests of one
 * do not delay those of another.
 */
export function openFairQueue(): FairQueue {
  const waiting = new Map<string, (() => void)[]>();
  let entered = 0;
  let isScheduled = false;

  return {
    async enter(owner) {
      schedule();
      if (waiting.size === 0 && entered++ < PER_TURN) return;
      await new Promise<void>((resolve) => {
        const queue = waiting.get(owner);
        if (queue === undefined) waiting.set(owner, [resolve]);
        else queue.push(resolve);
      });
    },
  };

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      for (entered = 0; entered < PER_TURN && waiting.size > 0; entered++) admitNext();
      if (entered > 0) schedule();
    });
  }

  function admitNext(): void {
    const [next] = waiting;
    if (next === undefined) return;
    const [owner, queue] = next;
    queue.shift()?.();
    // To the end, behind the other owners.
    waiting.delete(owner);
    if (queue.length > 0) waiting.set(owner, queue);
  }
}
