import type { JobQueue } from '@pixdock/shared/queue/queue';
import type { Records } from '@pixdock/shared/state/records/records';

/** Every poll needs the count for its Retry-After, and counting is a command to Redis. */
const FRESH_MS = 1000;

export interface Backlog {
  /** Images that wait for a worker, as of a second ago at most. Throws while Redis is away. */
  size(): Promise<number>;
  /** Those of them that an owner's next image waits for: owners take turns, so about as many as the owner has waiting. */
  sizeFor(owner: string): Promise<number>;
}

export function followBacklog(
  queue: Pick<JobQueue, 'waiting'>,
  records: Pick<Records, 'countQueued'>,
): Backlog {
  const all = fresh(() => queue.waiting());
  /** As many as there are owners with an API key. */
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
