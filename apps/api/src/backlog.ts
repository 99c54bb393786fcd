import type { JobQueue } from '@pixdock/shared/queue/queue';
import { fresh } from '@pixdock/shared/runtime/fresh';
import type { Images } from '@pixdock/shared/state/images/images';

export function followBacklog(queue: Pick<JobQueue, 'waiting'>, images: Pick<Images, 'countQueued'>) {
  // Every poll needs a count for Retry-After, and counting takes a command to Redis.
  const all = fresh(() => queue.waiting());
  /** Has at most one entry for each owner with an API key. */
  const ofOwner = new Map<string, () => Promise<number>>();

  function openOwn(owner: string): () => Promise<number> {
    const own = fresh(async () => Math.min(...(await Promise.all([all(), images.countQueued(owner)]))));
    ofOwner.set(owner, own);
    return own;
  }

  return {
    /** Throws while Redis is unavailable. Asks it at most once a second. */
    expectRedis: (): Promise<unknown> => all(),
    /**
     * Images that an owner's next image waits for, at most two seconds old: about as many as the owner has waiting, because owners
     * take turns.
     */
    sizeFor: (owner: string): Promise<number> => (ofOwner.get(owner) ?? openOwn(owner))(),
  };
}

export type Backlog = ReturnType<typeof followBacklog>;
