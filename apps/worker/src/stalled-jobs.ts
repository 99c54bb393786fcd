import { bullmqKeys } from '@pixdock/shared/queue/bullmq-keys';
import { type QueueName, queuePrefix, stalledCheckKey } from '@pixdock/shared/queue/jobs';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Logger } from '@pixdock/shared/runtime/log';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { TestClocks } from '@pixdock/shared/runtime/test-clocks';
import { createRedisBackend, type WorkerOptions } from 'bullmq';

/** With the life of a lock (queue-worker.ts), the jobs of a killed worker start again after at most 12 s. */
const CHECK_EVERY_MS = 2000;
// The record counts the workers that died with the image. BullMQ's own count would fail an innocent image at a deploy.
const MAX_STALLED = 1_000_000;

interface Settings {
  connection: RedisConnection;
  prefix: string;
  log: Logger;
  clocks?: TestClocks;
}

/**
 * Returns the jobs of dead workers to their queues. Each of BullMQ's workers would check its queue alone, with seven commands: here
 * one worker checks all queues for all workers, with one command as long as no job is in progress.
 * @returns a function that stops
 */
export function requeueStalledJobs(
  queues: readonly QueueName[],
  { connection, prefix, log, clocks = {} }: Settings,
): () => void {
  const everyMs = clocks.stalled ?? CHECK_EVERY_MS;
  // It has expired when the worker that set it checks again.
  const keyMs = Math.ceil(everyMs * 0.9);
  const options: WorkerOptions = {
    connection,
    prefix: queuePrefix(prefix),
    maxStalledCount: MAX_STALLED,
    // `stalledCheckKey` bounds how often, for all queues.
    stalledInterval: 1,
  };
  const checks = queues.map((queue) => ({
    active: bullmqKeys(prefix, queue).active,
    backend: createRedisBackend(queue, options).on('error', logTrouble),
  }));
  const stopping = new AbortController();
  void checkRepeatedly(stopping.signal);
  return () => stopping.abort();

  async function checkRepeatedly(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const isOurs = (await connection.set(stalledCheckKey(prefix), '1', 'PX', keyMs, 'NX')) !== null;
        if (isOurs && (await connection.exists(checks.map(({ active }) => active))) > 0)
          await Promise.all(checks.map(checkQueue));
      } catch (error) {
        logTrouble(asError(error));
      }
      await sleep(everyMs, signal);
    }
    await Promise.all(checks.map(({ backend }) => backend.close()));
  }

  async function checkQueue({ active, backend }: (typeof checks)[number]): Promise<void> {
    if ((await connection.exists(active)) === 1) await backend.moveStalledJobsToWait();
  }

  function logTrouble(error: Error): void {
    log.debug({ err: error }, 'stalled jobs cannot be looked for yet');
  }
}
