import type { RedisConnection } from '../runtime/redis.js';
import { deleteJobId, expandJobId, fetchJobId, processJobId, QUEUE_NAMES, type QueueName } from './jobs.js';
import { closeQueues, openQueues } from './open-queues.js';
import type { ImageRun } from './queue.js';

export interface QueuedJob {
  id: string;
  name: string;
  data: unknown;
  addedAtMs: number;
}

const JOBS_AT_ONCE = 500;
const JOB_STATES = ['active', 'waiting', 'prioritized', 'delayed'] as const;

/** Opens the queues for reading. */
export function openQueueView(connection: RedisConnection, prefix: string) {
  const queues = openQueues(connection, prefix);
  const has = async (queue: QueueName, jobId: string) =>
    (await queues[queue].getJobState(jobId)) !== 'unknown';
  return {
    /** Whether a job of this run of the image is waiting or active. */
    async hasRun({ id, run, isItem }: ImageRun): Promise<boolean> {
      const found = await Promise.all([
        has(isItem ? 'item-sources' : 'sources', fetchJobId(id, run)),
        has(isItem ? 'items' : 'images', processJobId(id, run)),
      ]);
      return found.includes(true);
    },
    hasDeletion: (imageId: string) => has('deletions', deleteJobId(imageId)),
    hasExpansion: (batchId: string) => has('upkeep', expandJobId(batchId)),

    /** All waiting and active jobs; a job that moves in the meantime may be missing, or appear twice. */
    async *jobs(): AsyncGenerator<QueuedJob> {
      for (const name of QUEUE_NAMES)
        for (const state of JOB_STATES) {
          const count = await queues[name].getJobCountByTypes(state);
          for (let from = 0; from < count; from += JOBS_AT_ONCE)
            for (const job of await queues[name].getJobs([state], from, from + JOBS_AT_ONCE - 1, true))
              yield { id: job.id ?? '', name: job.name, data: job.data, addedAtMs: job.timestamp };
        }
    },

    close: () => closeQueues(queues),
  };
}

export type QueueView = ReturnType<typeof openQueueView>;
