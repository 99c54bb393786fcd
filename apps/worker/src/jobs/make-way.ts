import { setMaxListeners } from 'node:events';
import type { JobContext, JobResult } from '@pixdock/shared/jobs';

/** How often a queue without a free slot is looked at. */
const LOOK_EVERY_MS = 1000;
/** Delay of a job that was sent back. Its priority is above that of the waiting jobs, so without a delay it would return at once. */
const AWAY_MS = 2000;
/** Part of the slots that one owner keeps while another owner waits. */
const KEPT = 0.5;

export interface WayOptions {
  /** Jobs that may be in progress at this moment. */
  slots: () => number;
  /** Owners of the jobs that are next in the queue. */
  nextOwners: () => Promise<string[]>;
}

interface InProgress {
  owner: string;
  abort: AbortController;
}

type Handle<P> = (payload: P, context: JobContext) => Promise<JobResult>;

/**
 * Keeps an owner of slow jobs from holding all slots of a queue: when none is free, one owner holds more than half of them
 * and another one waits, the newest jobs of the first, beyond half, go back to the queue for two seconds.
 */
export function withWay<P extends { owner?: string | undefined }>(
  handle: Handle<P>,
  { slots, nextOwners }: WayOptions,
): Handle<P> {
  /** In the order in which they came. */
  const inProgress = new Set<InProgress>();
  let timer: NodeJS.Timeout | undefined;

  return async (payload, context) => {
    const job: InProgress = { owner: payload.owner ?? '', abort: new AbortController() };
    const onAbort = () => job.abort.abort(context.signal.reason);
    if (context.signal.aborted) onAbort();
    // All jobs in progress share this one signal.
    setMaxListeners(0, context.signal);
    context.signal.addEventListener('abort', onAbort, { once: true });
    inProgress.add(job);
    timer ??= setInterval(() => void makeWay().catch(() => {}), LOOK_EVERY_MS);
    try {
      const result = await handle(payload, { ...context, signal: job.abort.signal });
      const madeWay = job.abort.signal.aborted && !context.signal.aborted;
      if (!madeWay || result.outcome === 'done') return result;
      return { outcome: 'again', afterMs: Math.max(result.afterMs, AWAY_MS) };
    } finally {
      context.signal.removeEventListener('abort', onAbort);
      inProgress.delete(job);
      if (inProgress.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    }
  };

  async function makeWay(): Promise<void> {
    if (mostOfOne().length === 0) return;
    const next = await nextOwners();
    const jobs = mostOfOne();
    if (next.every((owner) => owner === jobs[0]?.owner)) return;
    for (const { abort } of jobs.slice(kept())) abort.abort(new Error('made way for another owner'));
  }

  /** The jobs of the owner who holds more than the kept part of slots that are all taken. */
  function mostOfOne(): InProgress[] {
    if (inProgress.size < slots()) return [];
    const jobs = [...inProgress];
    const greedy = jobs.find(({ owner }) => jobs.filter((one) => one.owner === owner).length > kept());
    return greedy === undefined ? [] : jobs.filter(({ owner }) => owner === greedy.owner);
  }

  function kept(): number {
    return Math.max(1, Math.floor(slots() * KEPT));
  }
}
