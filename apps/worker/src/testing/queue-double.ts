import type { JobQueue, QueuedRun } from '@pixdock/shared/queue/queue';

/** A queue that only records what is added to it. */
export interface QueueDouble extends JobQueue {
  runs: QueuedRun[];
  /** Ids of images whose deletion was queued. */
  deletions: string[];
  /** Ids of batches whose expansion was queued. */
  expansions: string[];
  /** Ids of webhook endpoints whose deliveries were queued. */
  deliveries: string[];
}

export function openQueueDouble(): QueueDouble {
  const runs: QueuedRun[] = [];
  const deletions: string[] = [];
  const expansions: string[] = [];
  const deliveries: string[] = [];
  return {
    runs,
    deletions,
    expansions,
    deliveries,
    enqueue: async (next) => void runs.push(next),
    delete: async (imageId) => void deletions.push(imageId),
    expand: async ({ id }) => void expansions.push(id),
    deliver: async (endpointId) => void deliveries.push(endpointId),
    recover: async () => {},
    retryFailures: async () => {},
    isRunning: async () => false,
    waiting: async () => 0,
    async endDelays() {},
    async setPaused() {},
    async scheduleSweep() {},
    async close() {},
  };
}
