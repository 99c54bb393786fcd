import { type JobOrder, openJobOrder } from '@pixdock/shared/queue/job-order';
import {
  JOBS,
  type JobContext,
  type JobHandlers,
  type JobName,
  type JobResult,
  type QueueName,
  queuePrefix,
} from '@pixdock/shared/queue/jobs';
import { backoffMs } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { TestClocks } from '@pixdock/shared/runtime/test-clocks';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { DelayedError, type Job, Worker } from 'bullmq';
import { z } from 'zod';
import { isServiceFault } from './attempt/service-fault.js';

/*
 * A killed worker's jobs start again after at most lock + 2 checks, about 12 s (61 s with BullMQ's defaults). The event
 * loop only ever reads files and talks to the network here, so a lock of 8 s, renewed every 4, is not lost by chance; and
 * if it is, the name under which an attempt holds its image makes the late one let go.
 */
const LOCK_MS = 8000;
const STALLED_CHECK_MS = 2000;
// An image is given up by the record's count of deaths, not by BullMQ, which would fail an innocent one at a deploy.
const MAX_STALLED = 1_000_000;
/** Until a job that this version does not know is looked at again, most likely by a newer worker beside this one. */
const NOT_KNOWN_MS = 5000;
const HELD_MS = 2000;
/** Between the tries of a job that fails unexpectedly. */
const RETRY_BASE_MS = 1000;
const RETRY_CAP_MS = 60_000;

/** Numbers that a job is moved back with `behind`: up to so many jobs of each other owner are served before it. */
const BEHIND = 64;

export interface QueueWorker {
  /** From now on at most so many jobs at a time; those in hand go on, and more are taken when the next one ends. */
  limit(concurrency: number): void;
  /** The current limit of jobs in progress. */
  slots(): number;
  /** Takes no more jobs and waits for those in hand; after `drainMs` they are told to let go. */
  stop(drainMs: number): Promise<void>;
}

/** The consuming side of BullMQ: parses what leaves Redis, calls the handler, and tells BullMQ what came of it. */
export function runWorker(
  queue: QueueName,
  handlers: JobHandlers,
  { connection, prefix, concurrency, log, clocks = {} }: WorkerSettings,
): QueueWorker {
  const lockMs = clocks.lock ?? LOCK_MS;
  const order = openJobOrder(connection, prefix);
  const letGo = new AbortController();
  const told = new Set<string>();
  const perform = async (job: Job, token = ''): Promise<void> => {
    const release = keepLock(job, token, lockMs);
    const attempt = takeUp(job).finally(release);
    const result = (await attempt.catch(heldBack)) ?? handBack(job);
    // The next turn of one on a schedule was added as this one began, and is its retry.
    if (result.outcome === 'done' || job.repeatJobKey !== undefined) return;
    if (result.behind) await order.moveBack(queue, job.id ?? '', BEHIND);
    await job.moveToDelayed(Date.now() + result.afterMs, token);
    throw new DelayedError();
  };
  const takeUp = async (job: Job): Promise<JobResult | null> => {
    const isPassed = await isRenumbered(order, queue, job);
    // The worker may have been told to let go of its jobs meanwhile.
    if (isPassed || letGo.signal.aborted) return { outcome: 'again', afterMs: 0 };
    return resultOf(job, handlers, letGo.signal);
  };
  // During a deploy there may be newer workers, which know it; nothing of it is lost by waiting.
  const handBack = ({ id, name }: Job): JobResult => {
    if (!told.has(name))
      log.warn({ queue, name, jobId: id }, 'left to a newer worker: not known to this version');
    told.add(name);
    return { outcome: 'again', afterMs: NOT_KNOWN_MS };
  };
  // Before an attempt has its image, or of another job: what this machine fails with does not use the job's tries up.
  const heldBack = (error: unknown): JobResult => {
    if (!isServiceFault(error)) throw error;
    log.warn({ err: error, queue }, 'held back by a fault of this machine');
    return { outcome: 'again', afterMs: HELD_MS };
  };
  const worker = new Worker(queue, perform, {
    connection,
    prefix: queuePrefix(prefix),
    concurrency,
    lockDuration: lockMs,
    skipLockRenewal: true,
    stalledInterval: clocks.stalled ?? STALLED_CHECK_MS,
    maxStalledCount: MAX_STALLED,
    settings: { backoffStrategy: (tries) => backoffMs(tries, RETRY_BASE_MS, RETRY_CAP_MS) },
  });
  worker.on('error', (error) => log.debug({ err: error, queue }, 'queue trouble'));
  worker.on('failed', (job, error) => log.error({ err: error, queue, jobId: job?.id }, 'job failed'));
  return {
    limit: (atATime) => {
      worker.concurrency = atATime;
    },
    slots: () => worker.concurrency,
    async stop(drainMs) {
      const timer = setTimeout(() => letGo.abort(), drainMs);
      await worker.close();
      clearTimeout(timer);
    },
  };
}

/**
 * Renews the job's lock until it is released. BullMQ's own renewal knows a job by its id alone: when a second attempt at
 * it begins in this process before the first has quite ended, that end stops the renewal for both.
 */
function keepLock(job: Job, token: string, lockMs: number): () => void {
  let isInHand = true;
  const again = () => {
    if (isInHand) timer.refresh();
  };
  const timer = setTimeout(() => void job.extendLock(token, lockMs).then(again, again), lockMs / 2);
  return () => {
    isInHand = false;
    clearTimeout(timer);
  };
}

const ownerSchema = z.object({ owner: z.string() });

/** Whether a job that was delayed goes back to the queue, since jobs that came after it were served meanwhile. */
async function isRenumbered(order: JobOrder, queue: QueueName, job: Job): Promise<boolean> {
  const { success, data } = ownerSchema.safeParse(job.data);
  if (job.attemptsStarted <= 1 || job.priority === 0 || !success) return false;
  return order.renumber(queue, job.id ?? '', data.owner);
}

export interface WorkerSettings {
  connection: RedisConnection;
  prefix: string;
  concurrency: number;
  log: Logger;
  clocks?: TestClocks;
}

/** Null when this version does not know the job, or what its record or staging says. */
async function resultOf(job: Job, handlers: JobHandlers, signal: AbortSignal): Promise<JobResult | null> {
  const { name, data, opts, attemptsMade } = job;
  if (!isJobName(name)) return null;
  const lastTry = attemptsMade + 1 >= (opts.attempts ?? 1);
  const result = await orUnreadable(async () => call(name, data, handlers, { signal, lastTry }));
  return result === 'unreadable' ? null : result;
}

const isJobName = (name: string): name is JobName => name in JOBS;

function call<N extends JobName>(
  name: N,
  data: unknown,
  handlers: JobHandlers,
  context: JobContext,
): Promise<JobResult> {
  return handlers[name](JOBS[name].payload.parse(data) as never, context);
}
