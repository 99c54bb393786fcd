import { sleep } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { recordKeys } from '../record-keys.js';
import type { Leases } from '../service/leases.js';

/** Ids by their first digit. Few enough that a restore of nothing costs little, and enough for as many processes. */
const BUCKETS = '0123456789abcdef'.split('');
/** Until a process without a bucket looks again whether the others are done. */
const LOOK_MS = 250;
const DONE_KEPT_MS = 24 * 3600_000;

export interface Buckets {
  /** Ends once the ids of all buckets are restored. A repeat after an error continues with those that are not. */
  forEach(phase: string, restore: (bucket: string) => Promise<void>): Promise<void>;
}

/** All buckets, in one process. */
export const ALL_BUCKETS: Buckets = {
  async forEach(_, restore) {
    for (const bucket of BUCKETS) await restore(bucket);
  },
};

/** The buckets of the restore of an epoch, which all processes take in turn. Those of a process that dies are free when its lease expires. */
export function openSharedBuckets(
  redis: RedisConnection,
  prefix: string,
  leases: Pick<Leases, 'acquire'>,
  signal: AbortSignal,
): (epoch: number) => Buckets {
  // Each process begins with another one.
  const first = Math.floor(Math.random() * BUCKETS.length);
  const ordered = [...BUCKETS.slice(first), ...BUCKETS.slice(0, first)];

  return (epoch) => {
    const done = recordKeys(prefix).restoredBuckets(epoch);
    return {
      async forEach(phase, restore) {
        for (;;) {
          const names = new Set(await redis.smembers(done));
          const left = ordered.filter((bucket) => !names.has(`${phase} ${bucket}`));
          if (left.length === 0) return;
          let isIdle = true;
          for (const bucket of left) {
            signal.throwIfAborted();
            const name = `${phase} ${bucket}`;
            using lease = await leases.acquire('restores', `${epoch} ${name}`, 1);
            if (lease === null || (await redis.sismember(done, name)) === 1) continue;
            isIdle = false;
            await restore(bucket);
            await redis.multi().sadd(done, name).pexpire(done, DONE_KEPT_MS).exec();
          }
          if (isIdle) await sleep(LOOK_MS, signal);
        }
      },
    };
  };
}
