import { ErrorCode, Queue } from 'bullmq';
import type { RedisConnection } from '../runtime/redis.js';
import { QUEUE_NAMES, type QueueName, queuePrefix } from './jobs.js';

export type Queues = Record<QueueName, Queue>;

/** No code reads BullMQ's events, and BullMQ has no option to write none. */
const EVENTS_KEPT = 100;

/** Opens BullMQ's queues. */
export function openQueues(connection: RedisConnection, prefix: string): Queues {
  const queues = {} as Queues;
  for (const name of QUEUE_NAMES)
    Object.defineProperty(queues, name, { get: opener(connection, prefix, name) });
  return queues;
}

/** A queue rejects all calls after its first connection has failed: returns one that may still work. */
function opener(connection: RedisConnection, prefix: string, name: QueueName): () => Queue {
  let hasFailed = false;
  let queue = open();
  return () => {
    if (hasFailed) queue = open();
    return queue;
  };

  function open(): Queue {
    hasFailed = false;
    const opened = new Queue(name, {
      connection,
      prefix: queuePrefix(prefix),
      skipWaitingForReady: true,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    opened.on('error', () => {});
    opened.waitUntilReady().catch(() => {
      hasFailed = true;
      void opened.close().catch(() => {});
    });
    return opened;
  }
}

/** Whether a command failed because its job is no longer in the state that the command needs. */
export function isJobGone(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === ErrorCode.JobNotInState || error.code === ErrorCode.JobNotExist;
}

export async function closeQueues(queues: Queues): Promise<void> {
  await Promise.all(QUEUE_NAMES.map((name) => queues[name].close()));
}
