import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import { bullmqKeys } from './bullmq-keys.js';
import type { QueueName } from './jobs.js';

/** BullMQ's own limit. */
export const MAX_PRIORITY = 2 ** 21 - 1;
/** The numbers of an owner without new jobs are kept for so long; one without any begins at the number being served. */
const FLOWS_KEPT_MS = 24 * 3600_000;

/** The flow of an owner's jobs that come back after a delay. */
const RETURNED = 'returned';

/** The owner of a job, and its flow (its batch): owners take turns, and so do the flows of one owner. */
export interface JobFlow {
  owner: string;
  flow: string;
}

/** A job as BullMQ stores it; `data` and `opts` are JSON. */
export interface NewJob {
  id: string;
  name: string;
  data: string;
  opts: string;
  timestamp: number;
}

export interface JobOrder {
  /**
   * Adds a job unless the queue has it. Its BullMQ priority grows with the number of the owner's waiting jobs, and later jobs of a flow
   * have higher ones.
   */
  add(queue: QueueName, job: NewJob, flow: JobFlow): Promise<void>;
  /**
   * Gives a delayed job that is active again the owner's next number if jobs with higher numbers were served in the meantime:
   * after an outage, all delayed jobs would precede every new one. True if the job must return to the queue.
   */
  renumber(queue: QueueName, jobId: string, owner: string): Promise<boolean>;
}

/** Opens the order of the jobs in each queue, which Redis has beside the queue. */
export function openJobOrder(redis: RedisConnection, prefix: string): JobOrder {
  const addJob = loadScript<0 | 1>('add-job');

  function call(
    queue: QueueName,
    jobId: string,
    { owner, flow }: JobFlow,
    more: { isReturn: true } | NewJob,
  ): Promise<0 | 1> {
    const { jobs, prioritized, delayed, active, priorityCounter, meta, marker } = bullmqKeys(prefix, queue);
    const counters = `${prefix}:order:${queue}`;
    const ofOrder = [counters, `${counters}:${owner}`];
    const keys = [`${jobs}${jobId}`, prioritized, delayed, active, ...ofOrder, priorityCounter, meta, marker];
    const fields = { flow, maxPriority: MAX_PRIORITY, keyPrefix: jobs, idleTtlMs: FLOWS_KEPT_MS };
    return addJob(redis, keys, { ...fields, ...more });
  }

  return {
    async add(queue, job, flow) {
      await call(queue, job.id, flow, job);
    },
    renumber: async (queue, jobId, owner) =>
      (await call(queue, jobId, { owner, flow: RETURNED }, { isReturn: true })) === 1,
  };
}
