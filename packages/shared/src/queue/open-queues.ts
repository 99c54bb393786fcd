import { ErrorCode, Queue } from 'bullmq';
import type { RedisConnection } from '../runtime/redis.js';
import { QUEUE_NAMES, type QueueName, queuePrefix } from './jobs.js';

export type Queues = Record<QueueName, Queue>;

/** No code reads BullMQ's events, and BullMQ has no option to write none. */
const EVENTS_KEPT = 100;

/** Opens BullMQ's queues. `onError` is called for lost connections. */
export function openQueues(
  connection: RedisConnection,
  prefix: string,
  onError: (error: Error) => void,
): Queues {
  const open = (name: QueueName) => {
    const queue = new Queue(name, {
      connection,
      prefix: queuePrefix(prefix),
      skipWaitingForReady: true,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    queue.on('error', onError);
    return queue;
  };
  return Object.fromEntries(QUEUE_NAMES.map((name) => [name, open(name)])) as Queues;
}

/** Whether a command failed because its job is no longer in the state that the command needs. */
export function isJobGone(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === ErrorCode.JobNotInState || error.code === ErrorCode.JobNotExist;
}

export async function closeQueues(queues: Queues): Promise<void> {
  await Promise.all(QUEUE_NAMES.map((name) => queues[name].close()));
}
