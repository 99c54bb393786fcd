import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { openPlaces, type Places } from '@pixdock/shared/runtime/places';
import { staggerRetries } from './stagger-retries.js';

/**
 * A job over its owner's limit goes back to Redis after this time for each job of the owner before it, so that the worker can
 * take another owner's, and an idle worker this one. Every second job that it takes is the other owner's: twenty jobs begin within 4 s.
 */
const BACK_EVERY_MS = 50;
/** How much longer a job waits each time that a worker takes it: most often no other was idle, and to go back costs Redis a dozen commands. */
const PATIENCE_GROWTH = 4;
const MAX_PATIENCE_MS = 500;
/** Delay of a job that goes back, so that the worker takes the next one first. */
const BACK_MS = 100;
/** Jobs that a worker takes per place that an owner may have: one for each place, and some that wait for a place. */
const TAKEN_PER_OWNER_LIMIT = 2.5;

type Handle<P> = (payload: P, context: JobContext) => Promise<JobResult>;

/** Returns a handler whose jobs have a place in turn. */
type InTurn = <P extends { owner: string }>(handle: Handle<P>) => Handle<P>;

/**
 * Opens the places of a queue that has a few jobs of each owner.
 * @param atOnce jobs of all owners that have a place
 * @param taken jobs of one owner that have a place or wait for one here; its other jobs wait in Redis
 */
export function takeTurnsWithFewJobs(atOnce: number, taken: number): InTurn {
  const places = openPlaces({ atOnce });
  const inPlace = giveEachAPlace(places);
  const nextRetryMs = staggerRetries();
  return (handle) => {
    const handleInPlace = inPlace(handle);
    return async (payload, context) => {
      const { owner } = payload;
      const { held, waiting } = places.of(owner);
      if (held + waiting < taken) return await handleInPlace(payload, context);
      return { outcome: 'again', afterMs: nextRetryMs(owner) };
    };
  };
}

/** Opens places that jobs of all owners have until they free their slots, for example to wait for the network. */
export const takeTurnsUntilFreed = (atOnce: number): InTurn => giveEachAPlace(openPlaces({ atOnce }));

const giveEachAPlace =
  (places: Places): InTurn =>
  (handle) =>
  async (payload, context) => {
    using place = await places.acquire(payload.owner, () => context.signal).catch(() => null);
    if (place === null) return { outcome: 'again', afterMs: 0 };
    // Only the place: the job keeps its slot, as one of the jobs that the worker may have at a time.
    return await handle(payload, { ...context, freeSlot: () => place[Symbol.dispose]() });
  };

/**
 * Opens the places of a queue in which owners may have any number of jobs, and which Redis keeps in the order of turns. An owner
 * may have as many places as it leaves free: however slow the jobs of the others are, the next owner finds some.
 * @param perOwner places of an owner that is alone, which are half of all; its other jobs go back to Redis
 */
export function takeTurnsWithManyJobs(perOwner: number): InTurn {
  const places = openPlaces({ atOnce: 2 * perOwner, ofOwner: (_, free) => free });
  return (handle) => async (payload, context) => {
    const { owner } = payload;
    const growth = PATIENCE_GROWTH ** (context.timesTaken - 1);
    const waitMs = () => Math.min((places.of(owner).waiting + 1) * BACK_EVERY_MS * growth, MAX_PATIENCE_MS);
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
