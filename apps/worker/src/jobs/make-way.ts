import { setMaxListeners } from 'node:events';
import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';

/** How often a queue without a free slot is looked at. */
const LOOK_EVERY_MS = 1000;
/** Delay of a job that was sent back, so that a short queue is not taken and sent back all the time. */
const AWAY_MS = 500;
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
 * Keeps an owner of slow jobs from holding all slots of a queue. When no slot is free, one owner holds more than half of them
 * and another owner waits, the newest jobs of the first go back to the queue, and while the other owner waits, so does
 * every further job beyond half. Jobs that go back are placed behind the next jobs of the other owners.
 */
export function withWay<P extends { owner?: string | undefined }>(
  handle: Handle<P>,
  { slots, nextOwners }: WayOptions,
): Handle<P> {
  /** In the order in which they came. */
  const inProgress = new Set<InProgress>();
  /** The owner who is limited at the moment. */
  let limited: string | null = null;
  let timer: NodeJS.Timeout | undefined;

  return async (payload, context) => {
    const { owner = '' } = payload;
    if (owner === limited && jobsOf(owner).length >= kept()) return sentBack(AWAY_MS);
    const job: InProgress = { owner, abort: new AbortController() };
    const onAbort = () => job.abort.abort(context.signal.reason);
    if (context.signal.aborted) onAbort();
    // All jobs in progress share this one signal.
    setMaxListeners(0, context.signal);
    context.signal.addEventListener('abort', onAbort, { once: true });
    inProgress.add(job);
    timer ??= setInterval(() => void look(), LOOK_EVERY_MS);
    try {
      const result = await handle(payload, { ...context, signal: job.abort.signal });
      const madeWay = job.abort.signal.aborted && !context.signal.aborted;
      return madeWay && result.outcome === 'again' ? sentBack(Math.max(result.afterMs, AWAY_MS)) : result;
    } finally {
      context.signal.removeEventListener('abort', onAbort);
      inProgress.delete(job);
      if (inProgress.size === 0) end();
    }
  };

  function end(): void {
    clearInterval(timer);
    timer = undefined;
    limited = null;
  }

  async function look(): Promise<void> {
    const owner = limited ?? ownerOfAll();
    if (owner === null) return;
    // While Redis is away nothing is served anyway.
    const next = await nextOwners().catch(() => []);
    limited = inProgress.size > 0 && next.some((other) => other !== owner) ? owner : null;
    if (limited === null) return;
    for (const { abort } of jobsOf(owner).slice(kept())) abort.abort(new Error('made way for another owner'));
  }

  /** The owner who holds more than half of the slots when none is free. */
  function ownerOfAll(): string | null {
    if (inProgress.size < slots()) return null;
    return [...inProgress].find(({ owner }) => jobsOf(owner).length > kept())?.owner ?? null;
  }

  function jobsOf(owner: string): InProgress[] {
    return [...inProgress].filter((job) => job.owner === owner);
  }

  function kept(): number {
    return Math.max(1, Math.floor(slots() * KEPT));
  }
}

const sentBack = (afterMs: number): JobResult => ({ outcome: 'again', afterMs, behind: true });
