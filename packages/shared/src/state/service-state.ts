import { openQueueDepths, type QueueDepth } from '../queue/queue-depths.js';
import type { RedisConnection } from '../runtime/redis.js';
import { recordKeys } from './records/keys.js';
import { openLiveWorkers } from './records/live-workers.js';
import { openStorageHealth, type StorageTrouble } from './records/storage-health.js';

/** What Redis says about the whole service. */
export interface ServiceState {
  queues: QueueDepth[];
  /** Workers that have reported in the last 30 seconds. */
  workers: number;
  /** Batches that are not finished. */
  openBatches: number;
  storageTrouble: StorageTrouble | null;
}

/** Opens a reader that takes four short commands, however many images there are. */
export function openServiceState(redis: RedisConnection, prefix: string): () => Promise<ServiceState> {
  const readQueues = openQueueDepths(redis, prefix);
  const liveWorkers = openLiveWorkers(redis, prefix);
  const storageHealth = openStorageHealth(redis, prefix);
  return async () => {
    const [queues, workers, openBatches, storageTrouble] = await Promise.all([
      readQueues(),
      liveWorkers.count(),
      redis.zcard(recordKeys(prefix).openBatches),
      storageHealth.read(),
    ]);
    return { queues, workers, openBatches, storageTrouble };
  };
}
