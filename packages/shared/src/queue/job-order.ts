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

export interface JobOrder {
  /**
   * The BullMQ priority of a job that is about to be added, from 1; null if the queue has the job. It grows with the number
   * of the owner's waiting jobs, and later jobs of a flow have higher ones.
   */
  priority(queue: QueueName, jobId: string, flow: JobFlow): Promise<number | null>;
  /**
   * Gives a delayed job that is active again the owner's next number if jobs with higher numbers were served in the meantime:
   * after an outage, all delayed jobs would precede every new one. True if the job must return to the queue.
   */
  renumber(queue: QueueName, jobId: string, owner: string): Promise<boolean>;
}

type NumberJobFields = {
  flow: string;
  maxPriority: number;
  keyPrefix: string;
  idleTtlMs: number;
  isReturn: true | undefined;
};

/** Opens the order of the jobs in each queue, which Redis has beside the queue. */
export function openJobOrder(redis: RedisConnection, prefix: string): JobOrder {
  const numberJob = loadScript<NumberJobFields, number>('number-job');

  async function number(queue: QueueName, jobId: string, { owner, flow }: JobFlow, isReturn?: true) {
    const { jobs: keyPrefix, prioritized, delayed, active } = bullmqKeys(prefix, queue);
    const counters = `${prefix}:order:${queue}`;
    const keys = [`${keyPrefix}${jobId}`, prioritized, delayed, active, counters, `${counters}:${owner}`];
    const fields = { flow, maxPriority: MAX_PRIORITY, keyPrefix, idleTtlMs: FLOWS_KEPT_MS, isReturn };
    return (await numberJob(redis, keys, fields)) || null;
  }

  return {
    priority: (queue, jobId, flow) => number(queue, jobId, flow),
    renumber: async (queue, jobId, owner) =>
      (await number(queue, jobId, { owner, flow: RETURNED }, true)) !== null,
  };
}
