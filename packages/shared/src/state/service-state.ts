import { openQueueDepths, type QueueDepth } from '../queue/queue-depths.js';
import type { RedisConnection } from '../runtime/redis.js';
import { openPauseReader } from './pause.js';
import { recordKeys } from './records/keys.js';
import { openLiveWorkers } from './records/live-workers.js';
import { openStorageHealth, type StorageTrouble } from './records/storage-health.js';

/** The state of the whole service, from Redis. */
export interface ServiceState {
  queues: QueueDepth[];
  /** Workers that have reported in the last 30 seconds. */
  workers: number;
  /** Batches that are not finished. */
  openBatches: number;
  storageTrouble: StorageTrouble | null;
  /** Null unless processing is paused. */
  pausedSince: string | null;
}

/** Opens a reader. A read takes five short commands for any number of images. */
export function openServiceState(redis: RedisConnection, prefix: string): () => Promise<ServiceState> {
  const readQueues = openQueueDepths(redis, prefix);
  const liveWorkers = openLiveWorkers(redis, prefix);
  const storageHealth = openStorageHealth(redis, prefix);
  const readPause = openPauseReader(redis, prefix);
  return async () => {
    const [queues, workers, openBatches, storageTrouble, pausedSince] = await Promise.all([
      readQueues(),
      liveWorkers.count(),
      redis.zcard(recordKeys(prefix).openBatches),
      storageHealth.read(),
      readPause(),
    ]);
    return { queues, workers, openBatches, storageTrouble, pausedSince };
  };
}
