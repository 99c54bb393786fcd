import type { JobContext, JobHandlers, JobName, JobResult, QueueName } from '@pixdock/shared/jobs';
import { JOBS, queuePrefix } from '@pixdock/shared/jobs';
import type { Logger } from '@pixdock/shared/log';
import type { RedisConnection } from '@pixdock/shared/redis';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { isServiceFault } from './jobs/faults.js';

/*
 * A killed worker's jobs start again after at most lock + 2 checks, about 12 s (61 s with BullMQ's defaults). The event
 * loop only ever reads files and talks to the network here, so a lock of 8 s, renewed every 4, is not lost by chance; and
 * if it is, the record's attempt number makes the late one let go.
 */
const LOCK_MS = 8000;
const STALLED_CHECK_MS = 2000;
// An image is given up by the record's count of deaths, not by BullMQ, which would fail an innocent one at a deploy.
const MAX_STALLED = 1_000_000;
const HELD_MS = 2000;

export interface QueueWorker {
  /** Takes no more jobs and waits for those in hand; after `drainMs` they are told to let go. */
  stop(drainMs: number): Promise<void>;
}

/** The consuming side of BullMQ: parses what leaves Redis, calls the handler, and tells BullMQ what came of it. */
export function runWorker(
  queue: QueueName,
  handlers: JobHandlers,
  { connection, prefix, concurrency, log }: WorkerSettings,
): QueueWorker {
  const letGo = new AbortController();
  const worker = new Worker(queue, (job, token) => perform(job, token, handlers, letGo.signal, log), {
    connection,
    prefix: queuePrefix(prefix),
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_STALLED,
  });
  worker.on('error', (error) => log.debug({ err: error, queue }, 'queue trouble'));
  worker.on('failed', (job, error) => log.error({ err: error, queue, jobId: job?.id }, 'job failed'));
  return {
    async stop(drainMs) {
      const timer = setTimeout(() => letGo.abort(), drainMs);
      await worker.close();
      clearTimeout(timer);
    },
  };
}

export interface WorkerSettings {
  connection: RedisConnection;
  prefix: string;
  concurrency: number;
  log: Logger;
}

async function perform(
  job: Job,
  token: string | undefined,
  handlers: JobHandlers,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const name = job.name as JobName;
  if (!(name in JOBS)) throw new UnrecoverableError(`no such job: ${job.name}`);
  const lastTry = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
  const depth = Math.max(0, job.priority - 1);
  const result = await call(name, job.data, handlers, { signal, lastTry, depth }).catch((error) =>
    heldBack(error, log),
  );
  if (result.outcome === 'done') return;
  await job.moveToDelayed(Date.now() + result.afterMs, token);
  throw new DelayedError();
}

// Before an attempt has its image, or of another job: what this machine fails with does not use the job's tries up.
function heldBack(error: unknown, log: Logger): JobResult {
  if (!isServiceFault(error)) throw error;
  log.warn({ err: error }, 'held back by a fault of this machine');
  return { outcome: 'again', afterMs: HELD_MS };
}

function call<N extends JobName>(
  name: N,
  data: unknown,
  handlers: JobHandlers,
  context: JobContext,
): Promise<JobResult> {
  const payload = JOBS[name].payload.safeParse(data);
  if (!payload.success) throw new UnrecoverableError(`${name}: payload is not what this version knows`);
  return handlers[name](payload.data as never, context);
}
