import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { openPlaces } from '@pixdock/shared/runtime/places';
import { mustWait } from './permit.js';
import { openSlots } from './slots.js';

/**
 * A job over its owner's limit goes back to Redis after this time for each job of the owner before it, so that the worker can
 * take another owner's.
 */
const BACK_EVERY_MS = 250;
/** Delay of a job that goes back, so that the worker takes the next one first. */
const BACK_MS = 100;
/** Places per place that an owner may have: an owner whose jobs are slow leaves as many to the others. */
const PLACES_PER_OWNER_LIMIT = 2;
/** Jobs that a worker takes per place that an owner may have: one for each place, and some that wait for a place. */
const TAKEN_PER_OWNER_LIMIT = 2.5;

type Handle<P> = (payload: P, context: JobContext) => Promise<JobResult>;

/** Returns a handler whose jobs have a place in turn. */
export type InTurn = <P>(
  handle: Handle<P>,
  ownerOf: (payload: P) => string | undefined | Promise<string | undefined>,
) => Handle<P>;

interface FewJobsLimits {
  /** Places of all owners together. */
  atOnce: number;
  /** Of these, places of one owner while it is alone, and while another one has a place or waits for one. */
  alone?: number;
  besideOthers?: number;
  /** Jobs of one owner that have a place or wait for one here; its other jobs wait in Redis. */
  taken: number;
}

/** Opens the places of a queue that has a few jobs of each owner, which owners take in turn. */
export function takeTurnsWithFewJobs(limits: FewJobsLimits): InTurn {
  const { atOnce, alone = atOnce, besideOthers = atOnce, taken } = limits;
  const slots = openSlots(taken);
  const places = openPlaces({ atOnce, ofOwner: (_, isAlone) => (isAlone ? alone : besideOthers) });
  return (handle, ownerOf) => async (payload, context) => {
    // A job whose subject is gone ends at once.
    const owner = (await ownerOf(payload)) ?? '';
    using slot = slots.acquire(owner);
    if (mustWait(slot)) return { outcome: 'again', afterMs: slot.retryAfterMs };
    using place = await places.acquire(owner, () => context.signal).catch(() => null);
    return place === null ? { outcome: 'again', afterMs: 0 } : await handle(payload, context);
  };
}

/**
 * A handler of a queue in which owners may have any number of jobs.
 * @param perOwner jobs of one owner that have a place; the others go back to Redis
 */
export function takeTurnsWithManyJobs<P extends { owner: string }>(
  handle: Handle<P>,
  perOwner: number,
): Handle<P> {
  const places = openPlaces({ atOnce: PLACES_PER_OWNER_LIMIT * perOwner, ofOwner: () => perOwner });
  return async (payload, context) => {
    const { owner } = payload;
    const waitMs = () => (places.of(owner).waiting + 1) * BACK_EVERY_MS;
    const patience = () => AbortSignal.any([context.signal, AbortSignal.timeout(waitMs())]);
    using place = await places.acquire(owner, patience).catch(() => null);
    if (place === null) return { outcome: 'again', afterMs: BACK_MS };
    const freeSlot = () => {
      place[Symbol.dispose]();
      context.freeSlot();
    };
    return await handle(payload, { ...context, freeSlot });
  };
}

/** Jobs that a worker takes from such a queue at a time. */
export const concurrencyFor = (perOwner: number): number => Math.ceil(TAKEN_PER_OWNER_LIMIT * perOwner);
