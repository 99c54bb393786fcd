import { setMaxListeners } from 'node:events';
import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { mustWait, type Permit, retryAfter, type Wait } from './permit.js';

/** How often a queue without a free slot is checked. */
const CHECK_EVERY_MS = 1000;
/** Delay of a job that goes back, so that a short queue does not take it again at once. */
const BACK_MS = 500;

export interface QueueView {
  /** Slots that the queue has at this moment. */
  slots: () => number;
  /** Owners of the jobs that are next in the queue. */
  nextOwners: () => Promise<string[]>;
}

/** A slot of the queue that its owner must give back when another owner waits. */
interface SharedSlot extends Permit {
  /** Aborts when the worker stops or the slot must be given back. */
  signal: AbortSignal;
  /** Whether the slot must be given back to another owner. */
  isRecalled(): boolean;
  /** Gives the slot back while the job continues. It is not recalled any more. */
  free(): void;
}

export interface FairShare {
  /** @param stopping aborts when the worker stops */
  acquire(owner: string, stopping: AbortSignal): SharedSlot | Wait;
}

interface Job {
  owner: string;
  recall: AbortController;
}

/**
 * Keeps the owners of slow jobs from holding all slots of a queue. When no slot is free and an owner waits who holds less
 * than an equal share, the newest jobs of each owner beyond that share are recalled. As long as such an owner waits, no
 * further job beyond the share gets a slot.
 */
export function openFairShare({ slots, nextOwners }: QueueView): FairShare {
  /** In the order in which they came. */
  const inProgress = new Set<Job>();
  /** Jobs that each owner may have in progress while another one waits; null while none does. */
  let share: number | null = null;
  let timer: NodeJS.Timeout | undefined;

  function end(): void {
    clearInterval(timer);
    timer = undefined;
    share = null;
  }

  async function check(): Promise<void> {
    if (share === null && inProgress.size < slots()) return;
    // While Redis is away no job is served anyway.
    const waiting = new Set(await nextOwners().catch(() => []));
    // Jobs may have started and ended during the await, so all other state is read after it.
    share = shareBeside(waiting);
    if (share === null || inProgress.size < slots()) return;
    for (const owner of new Set([...inProgress].map((job) => job.owner)))
      for (const { recall } of jobsOf(owner).slice(share))
        recall.abort(new Error('recalled for another owner'));
  }

  /** An equal share of the slots, if one of the waiting owners holds less than that. */
  function shareBeside(waiting: ReadonlySet<string>): number | null {
    if (inProgress.size === 0) return null;
    const owners = new Set([...waiting, ...[...inProgress].map(({ owner }) => owner)]);
    const equal = Math.max(1, Math.floor(slots() / owners.size));
    return [...waiting].some((owner) => jobsOf(owner).length < equal) ? equal : null;
  }

  function jobsOf(owner: string): Job[] {
    return [...inProgress].filter((job) => job.owner === owner);
  }

  return {
    acquire(owner, stopping) {
      if (share !== null && jobsOf(owner).length >= share) return retryAfter(BACK_MS);
      const job: Job = { owner, recall: new AbortController() };
      const onStop = () => job.recall.abort(stopping.reason);
      if (stopping.aborted) onStop();
      // All jobs in progress share this one signal.
      setMaxListeners(0, stopping);
      stopping.addEventListener('abort', onStop, { once: true });
      const free = () => {
        inProgress.delete(job);
        if (inProgress.size === 0) end();
      };
      inProgress.add(job);
      timer ??= setInterval(() => void check(), CHECK_EVERY_MS);
      return {
        signal: job.recall.signal,
        isRecalled: () => job.recall.signal.aborted && !stopping.aborted,
        free,
        [Symbol.dispose]() {
          stopping.removeEventListener('abort', onStop);
          free();
        },
      };
    },
  };
}

type Handle<P> = (payload: P, context: JobContext) => Promise<JobResult>;

/** A handler whose jobs give way to other owners: they go back behind the next jobs of those. */
export function yieldToOwners<P extends { owner: string }>(
  handle: Handle<P>,
  fairShare: FairShare,
): Handle<P> {
  return async (payload, context) => {
    using slot = fairShare.acquire(payload.owner, context.signal);
    if (mustWait(slot)) return behindOthers(slot.retryAfterMs);
    const freeSlot = () => {
      slot.free();
      context.freeSlot();
    };
    const result = await handle(payload, { ...context, signal: slot.signal, freeSlot });
    return slot.isRecalled() && result.outcome === 'again'
      ? behindOthers(Math.max(result.afterMs, BACK_MS))
      : result;
  };
}

const behindOthers = (afterMs: number): JobResult => ({ outcome: 'again', afterMs, behind: true });
