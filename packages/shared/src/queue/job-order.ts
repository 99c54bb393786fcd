import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import { type QueueName, queuePrefix } from './jobs.js';

/** BullMQ's own limit. */
const MAX_PRIORITY = 2 ** 21 - 1;
/** The numbers of an owner without new jobs are kept for so long; one without any begins at the number being served. */
const FLOWS_KEPT_MS = 24 * 3600_000;

/** The flow of an owner's jobs that come back after a delay. */
const RETURNED = 'returned';

/** Who a job belongs to: owners take turns, and so do the flows (batches) of one owner. */
export interface JobFlow {
  owner: string;
  flow: string;
}

export interface JobOrder {
  /**
   * The BullMQ priority of a job that is about to be added, from 1; null when it is in the queue already. It grows with the
   * number of jobs that the owner has waiting, and a later job of the same flow has a higher one.
   */
  priority(queue: QueueName, jobId: string, flow: JobFlow): Promise<number | null>;
  /**
   * Gives a job in progress that was delayed the owner's next number if others with a higher number were served meanwhile:
   * all jobs that an outage held back would go before every new one. True when it must go back to the queue.
   */
  renumber(queue: QueueName, jobId: string, owner: string): Promise<boolean>;
  /** Moves a job in progress back by some numbers: so many jobs of each other owner are served before it. */
  moveBack(queue: QueueName, jobId: string, numbers: number): Promise<void>;
}

/** The order of the jobs in each queue, kept in Redis beside the queue. */
export function openJobOrder(redis: RedisConnection, prefix: string): JobOrder {
  const numberJob = loadScript('number-job');
  const moveJobBack = loadScript('move-job-back');
  /** What BullMQ's keys of a queue begin with. */
  const keyOf = (queue: QueueName) => `${queuePrefix(prefix)}:${queue}:`;

  async function number(queue: QueueName, jobId: string, { owner, flow }: JobFlow, isReturn: boolean) {
    const ofQueue = keyOf(queue);
    const inQueue = [jobId, 'prioritized', 'delayed', 'active'].map((name) => `${ofQueue}${name}`);
    const clock = `${prefix}:order:${queue}`;
    const keys = [...inQueue, clock, `${clock}:${owner}`];
    const values = [ofQueue, flow, MAX_PRIORITY, FLOWS_KEPT_MS, isReturn ? 1 : 0];
    return Number(await numberJob(redis, keys, values)) || null;
  }

  return {
    priority: (queue, jobId, flow) => number(queue, jobId, flow, false),
    renumber: async (queue, jobId, owner) =>
      (await number(queue, jobId, { owner, flow: RETURNED }, true)) !== null,
    async moveBack(queue, jobId, numbers) {
      await moveJobBack(redis, [`${keyOf(queue)}${jobId}`], [numbers, MAX_PRIORITY]);
    },
  };
}
