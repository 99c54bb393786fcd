import { nowMs } from '../runtime/clock.js';
import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import { bullmqKeys } from './bullmq-keys.js';
import { QUEUE_NAMES, type QueueName } from './jobs.js';

/** The jobs of one queue. */
export interface QueueDepth {
  queue: QueueName;
  /** Jobs that a worker may take. */
  waiting: number;
  active: number;
  /** Jobs that are tried again later. */
  delayed: number;
  /** Age of the oldest job that waits; 0 without one. */
  oldestMs: number;
}

/**
 * Jobs read from the head of each queue. With as many flows (owners and batches) or fewer, the oldest job is among them, since
 * the first job of each flow is.
 */
const HEAD = 32;

type Depth = [waiting: number, active: number, delayed: number, oldestAt: string];

/** Opens a reader that takes one short command for all queues, however long they are. */
export function openQueueDepths(redis: RedisConnection, prefix: string): () => Promise<QueueDepth[]> {
  const script = loadScript<Depth[]>('queue-depths');
  const queues = QUEUE_NAMES.map((queue) => bullmqKeys(prefix, queue));
  const keyPrefixes = queues.map(({ jobs }) => jobs);
  const keys = queues.flatMap(({ wait, prioritized, active, delayed }) => [
    wait,
    prioritized,
    active,
    delayed,
  ]);
  return async () => {
    const depths = await script(redis, keys, { keyPrefixes, head: HEAD });
    return depths.map(([waiting, active, delayed, oldestAt], i) => {
      const oldestMs = oldestAt === '' ? 0 : Math.max(0, nowMs() - Number(oldestAt));
      return { queue: QUEUE_NAMES[i] as QueueName, waiting, active, delayed, oldestMs };
    });
  };
}
