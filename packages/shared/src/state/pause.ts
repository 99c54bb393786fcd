import { dirname } from 'node:path';
import type { JobQueue } from '../queue/job-queue.js';
import { isoTime } from '../runtime/clock.js';
import type { RedisConnection } from '../runtime/redis.js';
import { writeDurably } from './files/durable.js';
import { syncPath } from './files/folder.js';
import type { StagingLayout } from './files/layout.js';
import { readIfThere, removeFile } from './files/optional-file.js';
import { recordKeys } from './record-keys.js';

/** Whether the workers fetch and process images. It is stored in a file in staging, which a loss of Redis does not change. */
export interface Pause {
  /** Pauses processing: workers finish the images in progress, and begin no others. Returns the time of the pause. */
  begin(): Promise<string>;
  /** False if processing was not paused. */
  end(): Promise<boolean>;
  /** Pauses or resumes the queues as the file says. */
  restore(): Promise<void>;
}

export function openPause(
  redis: RedisConnection,
  prefix: string,
  layout: Pick<StagingLayout, 'paused'>,
  queue: Pick<JobQueue, 'setPaused'>,
): Pause {
  const { paused } = recordKeys(prefix);

  async function apply(): Promise<void> {
    const since = await readIfThere(layout.paused);
    if (since !== null) await redis.set(paused, since);
    await queue.setPaused(since !== null);
    if (since === null) await redis.del(paused);
    // Another process may have changed the file, and its queues, meanwhile.
    if ((await readIfThere(layout.paused)) !== since) await apply();
  }

  return {
    async begin() {
      const since = (await readIfThere(layout.paused)) ?? isoTime();
      await writeDurably(layout.paused, since);
      await apply();
      return since;
    },
    async end() {
      const since = await readIfThere(layout.paused);
      await removeFile(layout.paused);
      await syncPath(dirname(layout.paused));
      const isInRedis = (await redis.exists(paused)) === 1;
      await apply();
      return since !== null || isInRedis;
    },
    restore: apply,
  };
}

/** Returns a reader of the time since when processing is paused; null while it is not. */
export function openPauseReader(redis: RedisConnection, prefix: string): () => Promise<string | null> {
  const { paused } = recordKeys(prefix);
  return () => redis.get(paused);
}
