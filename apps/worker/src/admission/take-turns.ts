import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { openTurns } from '@pixdock/shared/runtime/turns';
import { mustWait, type Permit, permitOnce } from './permit.js';
import { openSlots } from './slots.js';

type Handle<P> = (payload: P, context: JobContext) => Promise<JobResult>;

/** Returns a handler whose jobs have a place in turn. */
export type InTurn = <P>(handle: Handle<P>, ownerOf: (payload: P) => string) => Handle<P>;

/**
 * Opens the places of a queue. While all are taken, owners take turns by the seconds that their jobs have had one.
 * @param perOwner jobs of one owner that have a place or wait for one here; its other jobs wait in Redis
 */
export function openPlaces(places: number, perOwner: number): InTurn {
  const slots = openSlots(perOwner);
  const queue = openLine(places);
  return (handle, ownerOf) => async (payload, context) => {
    const owner = ownerOf(payload);
    using slot = slots.acquire(owner);
    if (mustWait(slot)) return { outcome: 'again', afterMs: slot.retryAfterMs };
    using _ = await queue.acquire(owner);
    return await handle(payload, context);
  };
}

/** The jobs that have one of the places, and those that wait for one. */
function openLine(places: number) {
  const turns = openTurns();
  const inProgress = new Set<{ owner: string; countedUntil: number }>();
  /** In the order in which they came. */
  const waiting = new Set<{ owner: string; begin: (place: Permit) => void }>();

  function lend(owner: string): Permit {
    const own = { owner, countedUntil: performance.now() };
    inProgress.add(own);
    return permitOnce(() => {
      countUse();
      inProgress.delete(own);
      const next = turns.next(new Set([...waiting].map((job) => job.owner)));
      const job = [...waiting].find((one) => one.owner === next);
      if (job === undefined) return;
      waiting.delete(job);
      job.begin(lend(job.owner));
    });
  }

  function countUse(): void {
    const now = performance.now();
    for (const job of inProgress) {
      turns.add(job.owner, (now - job.countedUntil) / 1000);
      job.countedUntil = now;
    }
  }

  return {
    acquire(owner: string): Promise<Permit> {
      if (inProgress.size < places) return Promise.resolve(lend(owner));
      return new Promise((begin) => void waiting.add({ owner, begin }));
    },
  };
}
