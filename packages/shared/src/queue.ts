import { Queue } from 'bullmq';
import {
  deleteJobId,
  JOBS,
  type JobName,
  type JobPayload,
  processJobId,
  QUEUE_NAMES,
  type QueueName,
} from './jobs.js';
import type { RedisConnection } from './redis.js';

const RETRY_BASE_MS = 1000;

export interface JobQueue {
  /** Puts the run in the queue; does nothing when it is there already. */
  process(imageId: string, run: number): Promise<void>;
  delete(imageId: string, owner: string): Promise<void>;
  /** Whether a worker has this run in hand (or had it when it died, until the queue notices). */
  isRunning(imageId: string, run: number): Promise<boolean>;
  /** Jobs of `images` that wait for a worker. */
  waiting(): Promise<number>;
  /** Has `sweep` run every `everyMs`, once in the whole service. */
  scheduleSweep(everyMs: number): Promise<void>;
  close(): Promise<void>;
}

/** The producing side of BullMQ; the consuming one is the worker's. Records and staging hold the truth, not this. */
export function openQueue(
  connection: RedisConnection,
  prefix: string,
  onError: (error: Error) => void,
): JobQueue {
  const open = (name: QueueName) => {
    const queue = new Queue(name, { connection, prefix, skipWaitingForReady: true });
    queue.on('error', onError);
    return queue;
  };
  const queues = { images: open('images'), upkeep: open('upkeep') } satisfies Record<QueueName, Queue>;

  async function add<N extends JobName>(name: N, jobId: string, payload: JobPayload<N>): Promise<void> {
    await queues[JOBS[name].queue].add(name, payload, {
      jobId,
      attempts: JOBS[name].attempts,
      backoff: { type: 'exponential', delay: RETRY_BASE_MS, jitter: 0.5 },
      // The record tells the outcome, and a kept job would keep its id from being used again.
      removeOnComplete: true,
      removeOnFail: true,
    });
  }

  return {
    process: (imageId, run) => add('process-image', processJobId(imageId, run), { imageId, run }),
    delete: (imageId, owner) => add('delete-image', deleteJobId(imageId), { imageId, owner }),
    isRunning: async (imageId, run) =>
      (await queues.images.getJobState(processJobId(imageId, run))) === 'active',
    async waiting() {
      const counts = await queues.images.getJobCounts('waiting', 'prioritized');
      return (counts.waiting ?? 0) + (counts.prioritized ?? 0);
    },
    async scheduleSweep(everyMs) {
      const template = { name: 'sweep', opts: { removeOnComplete: true, removeOnFail: true } };
      await queues.upkeep.upsertJobScheduler('sweep', { every: everyMs }, template);
    },
    async close() {
      await Promise.all(QUEUE_NAMES.map((name) => queues[name].close()));
    },
  };
}
