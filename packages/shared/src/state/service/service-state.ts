import { openQueueDepths, type QueueDepth } from '../../queue/queue-depths.js';
import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { type CdnState, openCdnDay } from '../cdn-day.js';
import { openPauseReader } from '../pause.js';
import { recordKeys } from '../record-keys.js';
import { openLiveWorkers } from './live-workers.js';
import { openStorageHealth, type StorageTrouble } from './storage-health.js';

/** The state of the whole service, from Redis. */
export interface ServiceState extends ProcessingState {
  queues: QueueDepth[];
  /** Batches that are not finished. */
  openBatches: number;
  /** Number of held images, and how long the oldest hold has lasted. */
  held: { count: number; oldestMs: number };
  storageTrouble: StorageTrouble | null;
  cdn: CdnState;
}

/** Whether images are processed. Without a worker, the end of a pause would not help. */
export interface ProcessingState {
  processing: 'ok' | 'paused' | 'no_worker';
  /** Workers that have reported in the last 20 seconds. */
  workers: number;
  /** Null unless processing is paused. */
  pausedSince: string | null;
}

/** Opens a reader. A read takes three short commands. */
export function openProcessingState(redis: RedisConnection, prefix: string): () => Promise<ProcessingState> {
  const liveWorkers = openLiveWorkers(redis, prefix);
  const readPause = openPauseReader(redis, prefix);
  return async () => {
    const [workers, pausedSince] = await Promise.all([liveWorkers.count(), readPause()]);
    if (workers === 0) return { processing: 'no_worker', workers, pausedSince };
    return { processing: pausedSince === null ? 'ok' : 'paused', workers, pausedSince };
  };
}

/** Opens a reader. A read takes eight short commands for any number of images. */
export function openServiceState(redis: RedisConnection, prefix: string): () => Promise<ServiceState> {
  const readQueues = openQueueDepths(redis, prefix);
  const storageHealth = openStorageHealth(redis, prefix);
  const readProcessing = openProcessingState(redis, prefix);
  const cdnDay = openCdnDay(redis, prefix);
  return async () => {
    const [queues, openBatches, held, storageTrouble, processing, cdn] = await Promise.all([
      readQueues(),
      redis.zcard(recordKeys(prefix).openBatches),
      readHeld(),
      storageHealth.read(),
      readProcessing(),
      cdnDay.read(nowMs()),
    ]);
    return { queues, openBatches, held, storageTrouble, cdn, ...processing };
  };

  async function readHeld(): Promise<ServiceState['held']> {
    const { held } = recordKeys(prefix);
    const [count, [, since]] = await Promise.all([
      redis.zcard(held),
      redis.zrange(held, '0', '0', 'WITHSCORES'),
    ]);
    return { count, oldestMs: since === undefined ? 0 : Math.max(0, nowMs() - Number(since)) };
  }
}
