import { type JobOrder, openJobOrder } from '@pixdock/shared/queue/job-order';
import {
  type JobFollowUps,
  type JobHandlers,
  type JobResult,
  type QueueName,
  queuePrefix,
} from '@pixdock/shared/queue/jobs';
import { asError } from '@pixdock/shared/runtime/as-error';
import { backoffMs, sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { TestClocks } from '@pixdock/shared/runtime/test-clocks';
import { DelayedError, type Job, Worker } from 'bullmq';
import { z } from 'zod';
import { isServiceFault } from './attempt/service-fault.js';
import { callFollowUp, callHandler } from './call-handler.js';
import type { WorkerEvents } from './events.js';
import { openJobSlots } from './job-slots.js';
import { keepLock } from './keep-lock.js';

/*
 * A killed worker's jobs start again after at most lock + 2 checks (stalled-jobs.ts), about 12 s (61 s with BullMQ's defaults).
 * The event loop only reads files and uses the network, so it renews a lock of 8 s every 4 s in time. If it does not, the attempt
 * notices at its next change that its token is no longer in the record, and abandons the image.
 */
const LOCK_MS = 8000;
/** Seconds after which a worker looks for jobs although no signal came: a worker that was killed may have taken it. */
const DRAIN_DELAY = 10;
/** Delay of a job that this version does not know; a newer worker probably takes it. */
const NOT_KNOWN_MS = 5000;
/** Delay of a job after a fault of this machine, such as a full disk. */
const MACHINE_FAULT_RETRY_MS = 2000;
/** Delays between the tries of a job that fails unexpectedly. */
const RETRY_BASE_MS = 1000;
const RETRY_CAP_MS = 60_000;

/** The time in which a stopping worker whose connection was cut can still report the ends of its jobs. */
const AWAY_MS = 1000;
const AWAY_CHECK_MS = 100;

export interface WorkerSettings {
  connection: RedisConnection;
  prefix: string;
  concurrency: number;
  log: Logger;
  events: Pick<WorkerEvents, 'delayed'>;
  followUps?: JobFollowUps;
  clocks?: TestClocks;
}

export interface QueueWorker {
  /** Takes no new job and waits for those in progress; after `drainMs` their signal aborts. Without Redis it waits for nothing else. */
  stop(drainMs: number): Promise<void>;
}

/** The consuming side of BullMQ: parses jobs from Redis, calls their handlers, and reports the results to BullMQ. */
export function startQueueWorker(
  queue: QueueName,
  handlers: JobHandlers,
  { connection, prefix, concurrency, log, events, followUps = {}, clocks = {} }: WorkerSettings,
): QueueWorker {
  const lockMs = clocks.lock ?? LOCK_MS;
  const order = openJobOrder(connection, prefix);
  const stopping = new AbortController();
  const unknownNames = new Set<string>();
  const slots = openJobSlots(concurrency, () => worker);

  async function perform(job: Job, token = ''): Promise<void> {
    const result = await tryOnce(job, token);
    // BullMQ adds the next repetition of a scheduled job when this one starts, so this one needs no retry.
    if (result.outcome === 'done' || job.repeatJobKey !== undefined) return;
    await job.moveToDelayed(Date.now() + result.afterMs, token);
    throw new DelayedError();
  }

  async function tryOnce(job: Job, token: string): Promise<JobResult> {
    using slot = slots.take();
    using _ = keepLock(job, token, lockMs);
    try {
      const isRequeued = await renumberIfPassed(order, queue, job);
      // The worker may have begun to stop during the await.
      if (isRequeued || stopping.signal.aborted) return { outcome: 'again', afterMs: 0 };
      return (
        (await callHandler(job, handlers, { signal: stopping.signal, freeSlot: slot.free })) ??
        leaveToNewerWorker(job)
      );
    } catch (error) {
      // The fault came before an attempt began, or in a job without attempts. The job keeps its tries: the machine failed.
      if (!isServiceFault(error)) throw error;
      events.delayed({ queue }, error);
      return { outcome: 'again', afterMs: MACHINE_FAULT_RETRY_MS };
    }
  }

  /** During a deploy newer workers may run, which know the job. */
  function leaveToNewerWorker({ id, name }: Job): JobResult {
    if (!unknownNames.has(name))
      log.warn({ queue, name, jobId: id }, 'left to a newer worker: not known to this version');
    unknownNames.add(name);
    return { outcome: 'again', afterMs: NOT_KNOWN_MS };
  }

  const worker = new Worker(queue, perform, {
    connection,
    prefix: queuePrefix(prefix),
    concurrency,
    lockDuration: lockMs,
    skipLockRenewal: true,
    skipStalledCheck: true,
    drainDelay: DRAIN_DELAY,
    settings: { backoffStrategy: (tries) => backoffMs(tries, RETRY_BASE_MS, RETRY_CAP_MS) },
  });
  worker.on('error', (error) => log.debug({ err: error, queue }, 'queue trouble'));
  worker.on('completed', (job) => {
    callFollowUp(job, followUps).catch((error) =>
      log.debug(
        { err: asError(error), queue, jobId: job.id },
        'the follow-up of a job failed; a sweep does the same',
      ),
    );
  });
  worker.on('failed', (job, error) => log.error({ err: error, queue, jobId: job?.id }, 'job failed'));
  return {
    async stop(drainMs) {
      const timer = setTimeout(() => stopping.abort(), drainMs);
      const closed = new AbortController();
      await Promise.race([worker.close(), idleWithoutRedis(closed.signal)]);
      closed.abort();
      clearTimeout(timer);
    },
  };

  /** Resolves when no job is in progress and Redis is away for `AWAY_MS`: BullMQ would wait until it is back. */
  async function idleWithoutRedis(closed: AbortSignal): Promise<void> {
    let awaySince = performance.now();
    while (!closed.aborted && performance.now() - awaySince < AWAY_MS) {
      await sleep(AWAY_CHECK_MS, closed);
      if (connection.status === 'ready' || slots.inProgress() > 0) awaySince = performance.now();
    }
  }
}

const ownerSchema = z.object({ owner: z.string() });

/** Gives a delayed job a new number if later jobs were served meanwhile. True if the job must return to the queue. */
async function renumberIfPassed(order: JobOrder, queue: QueueName, job: Job): Promise<boolean> {
  const { success, data } = ownerSchema.safeParse(job.data);
  if (job.attemptsStarted <= 1 || job.priority === 0 || !success) return false;
  return order.renumber(queue, job.id ?? '', data.owner);
}
