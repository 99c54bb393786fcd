import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { openPlaces } from '@pixdock/shared/runtime/places';
import { mustWait } from './permit.js';
import { openSlots } from './slots.js';

type Handle<P> = (payload: P, context: JobContext) => Promise<JobResult>;

/** Returns a handler whose jobs have a place in turn. */
export type InTurn = <P>(handle: Handle<P>, ownerOf: (payload: P) => string) => Handle<P>;

/**
 * Opens the places of a queue, which owners take in turn.
 * @param perOwner jobs of one owner that have a place or wait for one here; its other jobs wait in Redis
 */
export function takeTurns(atOnce: number, perOwner: number): InTurn {
  const slots = openSlots(perOwner);
  const places = openPlaces({ atOnce });
  return (handle, ownerOf) => async (payload, context) => {
    const owner = ownerOf(payload);
    using slot = slots.acquire(owner);
    if (mustWait(slot)) return { outcome: 'again', afterMs: slot.retryAfterMs };
    using _ = await places.acquire(owner);
    return await handle(payload, context);
  };
}
