import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { recordKeys } from '@pixdock/shared/state/record-keys';

/** Walks over all staged images, which the workers make in turn. */
export interface StagingWalks {
  /** True, once for all workers, if none has begun a walk within `everyMs` and since the last start of a worker. */
  tryBegin(everyMs: number): Promise<boolean>;
}

/** Opened at the start of a worker: one that died may have left images without a job, so the next walk is due. */
export function openStagingWalks(redis: RedisConnection, prefix: string): StagingWalks {
  const { walked } = recordKeys(prefix);
  // Without it, the walk is only later.
  redis.del(walked).catch(() => {});
  return {
    tryBegin: async (everyMs) => (await redis.set(walked, '1', 'PX', everyMs, 'NX')) !== null,
  };
}
