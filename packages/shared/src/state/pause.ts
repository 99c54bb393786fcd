import type { JobQueue } from '../queue/queue.js';
import { isoTime } from '../runtime/clock.js';
import type { RedisConnection } from '../runtime/redis.js';
import type { Notes } from './notes.js';
import { recordKeys } from './record-keys.js';

/** The note that exists while processing is paused, and contains since when. */
const PAUSED = 'paused';

/** Whether the workers fetch and process images. A note in staging says it, which a loss of Redis does not change. */
export function openPause(
  redis: RedisConnection,
  prefix: string,
  notes: Notes,
  queue: Pick<JobQueue, 'setPaused'>,
) {
  const { paused } = recordKeys(prefix);

  async function apply(): Promise<void> {
    const since = await notes.read(PAUSED);
    if (since !== null) await redis.set(paused, since);
    await queue.setPaused(since !== null);
    if (since === null) await redis.del(paused);
    // Another process may have changed the note, and its queues, meanwhile.
    if ((await notes.read(PAUSED)) !== since) await apply();
  }

  return {
    /** Pauses processing: workers finish the images in progress, and begin no others. Returns the time of the pause. */
    async begin(): Promise<string> {
      const since = (await notes.read(PAUSED)) ?? isoTime();
      await notes.write(PAUSED, since);
      await apply();
      return since;
    },
    /** False if processing was not paused. */
    async end(): Promise<boolean> {
      const since = await notes.read(PAUSED);
      await notes.remove(PAUSED);
      const isInRedis = (await redis.exists(paused)) === 1;
      await apply();
      return since !== null || isInRedis;
    },
    /** Pauses or resumes the queues as the note says. */
    restore: apply,
  };
}

export type Pause = ReturnType<typeof openPause>;

/** Returns a reader of the time since when processing is paused; null while it is not. */
export function openPauseReader(redis: RedisConnection, prefix: string): () => Promise<string | null> {
  const { paused } = recordKeys(prefix);
  return () => redis.get(paused);
}
