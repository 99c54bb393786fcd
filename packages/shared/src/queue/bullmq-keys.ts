import { type QueueName, queuePrefix } from './jobs.js';

/**
 * BullMQ's internal keys of a queue that Pixdock reads or changes, most of them in lua/add-job.lua and
 * lua/queue-depths.lua. `jobs` is the prefix of the hash of each job.
 */
export function bullmqKeys(prefix: string, queue: QueueName) {
  const jobs = `${queuePrefix(prefix)}:${queue}:`;
  return {
    jobs,
    wait: `${jobs}wait`,
    prioritized: `${jobs}prioritized`,
    active: `${jobs}active`,
    delayed: `${jobs}delayed`,
    priorityCounter: `${jobs}pc`,
    meta: `${jobs}meta`,
    marker: `${jobs}marker`,
    stalledCheck: `${jobs}stalled-check`,
  };
}
