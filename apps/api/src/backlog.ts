import type { JobQueue } from '@pixdock/shared/queue/queue';
import type { Records } from '@pixdock/shared/state/records/records';

/** How long a count is reused: every poll needs it for Retry-After, and counting takes a command to Redis. */
const FRESH_MS = 1000;

export interface Backlog {
  /** Images that wait for a worker, at most one second old. Throws while Redis is unavailable. */
  size(): Promise<number>;
  /** Images that an owner's next image waits for: about as many as the owner has waiting, because owners take turns. */
  sizeFor(owner: string): Promise<number>;
}

export function followBacklog(
  queue: Pick<JobQueue, 'waiting'>,
  records: Pick<Records, 'countQueued'>,
): Backlog {
  const all = fresh(() => queue.waiting());
  /** Has at most one entry for each owner with an API key. */
  const ofOwner = new Map<string, () => Promise<number>>();
  return {
    size: all,
    async sizeFor(owner) {
      const own = ofOwner.get(owner) ?? fresh(() => records.countQueued(owner));
      ofOwner.set(owner, own);
      return Math.min(...(await Promise.all([all(), own()])));
    },
  };
}

/** Counts once for all callers within a second, and again after a failure. */
function fresh(count: () => Promise<number>): () => Promise<number> {
  let counted = Promise.resolve(0);
  let countedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - countedAt < FRESH_MS) return counted;
    countedAt = performance.now();
    counted = count();
    counted.catch(() => {
      countedAt = Number.NEGATIVE_INFINITY;
    });
    return counted;
  };
}
