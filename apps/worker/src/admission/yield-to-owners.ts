import { setMaxListeners } from 'node:events';
import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';

/** How often a queue without a free slot is looked at. */
const LOOK_EVERY_MS = 1000;
/** Delay of a job that was sent back, so that a short queue is not taken and sent back all the time. */
const AWAY_MS = 500;

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
 * Keeps owners of slow jobs from holding all slots of a queue. When no slot is free and an owner waits who holds less than
 * an equal share, the newest jobs of each owner beyond that share go back to the queue. As long as such an owner waits,
 * so does every further job beyond the share. Jobs that go back are placed behind the next jobs of the other owners.
 */
export function withWay<P extends { owner?: string | undefined }>(
  handle: Handle<P>,
  { slots, nextOwners }: WayOptions,
): Handle<P> {
  /** In the order in which they came. */
  const inProgress = new Set<InProgress>();
  /** Jobs that each owner may have in progress while another one waits; null while none does. */
  let share: number | null = null;
  let timer: NodeJS.Timeout | undefined;

  return async (payload, context) => {
    const { owner = '' } = payload;
    if (share !== null && jobsOf(owner).length >= share) return sentBack(AWAY_MS);
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
    share = null;
  }

  async function look(): Promise<void> {
    if (share === null && inProgress.size < slots()) return;
    // While Redis is away nothing is served anyway.
    const waiting = new Set(await nextOwners().catch(() => []));
    // Jobs may have begun and ended meanwhile: everything else is looked at from here on.
    share = shareBeside(waiting);
    if (share === null || inProgress.size < slots()) return;
    for (const owner of new Set([...inProgress].map((job) => job.owner)))
      for (const { abort } of jobsOf(owner).slice(share))
        abort.abort(new Error('made way for another owner'));
  }

  /** An equal share of the slots, if one of the owners who wait holds less than that. */
  function shareBeside(waiting: ReadonlySet<string>): number | null {
    if (inProgress.size === 0) return null;
    const owners = new Set([...waiting, ...[...inProgress].map(({ owner }) => owner)]);
    const equal = Math.max(1, Math.floor(slots() / owners.size));
    return [...waiting].some((owner) => jobsOf(owner).length < equal) ? equal : null;
  }

  function jobsOf(owner: string): InProgress[] {
    return [...inProgress].filter((job) => job.owner === owner);
  }
}

const sentBack = (afterMs: number): JobResult => ({ outcome: 'again', afterMs, behind: true });
