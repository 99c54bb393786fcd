import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import { type QueueName, queuePrefix } from './jobs.js';

/** BullMQ's own limit. */
export const MAX_PRIORITY = 2 ** 21 - 1;
/** The numbers of an owner without new jobs are kept for so long; one without any begins at the number being served. */
const FLOWS_KEPT_MS = 24 * 3600_000;

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
}

/** The order of the jobs in each queue, kept in Redis beside the queue. */
export function openJobOrder(redis: RedisConnection, prefix: string): JobOrder {
  const numberJob = loadScript('number-job');
  return {
    async priority(queue, jobId, { owner, flow }) {
      // BullMQ's names.
      const ofQueue = `${queuePrefix(prefix)}:${queue}:`;
      const inQueue = [jobId, 'prioritized', 'delayed', 'active'].map((name) => `${ofQueue}${name}`);
      const clock = `${prefix}:order:${queue}`;
      const keys = [...inQueue, clock, `${clock}:${owner}`];
      const priority = await numberJob(redis, keys, [ofQueue, flow, MAX_PRIORITY, FLOWS_KEPT_MS]);
      return Number(priority) || null;
    },
  };
}
