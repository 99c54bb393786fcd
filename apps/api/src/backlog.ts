import type { JobQueue } from '@pixdock/shared/queue';

// Every poll is told how long to wait, and counting is a command to Redis.
const FRESH_MS = 1000;

export interface Backlog {
  /** Images that wait for a worker, as of a second ago at most. Throws while Redis is away. */
  size(): Promise<number>;
}

export function followBacklog(queue: JobQueue): Backlog {
  let counted = Promise.resolve(0);
  let countedAt = Number.NEGATIVE_INFINITY;
  return {
    size() {
      if (performance.now() - countedAt < FRESH_MS) return counted;
      countedAt = performance.now();
      counted = queue.waiting();
      counted.catch(() => {
        countedAt = Number.NEGATIVE_INFINITY;
      });
      return counted;
    },
  };
}
