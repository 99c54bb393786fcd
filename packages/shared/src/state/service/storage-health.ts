import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { recordKeys } from '../record-keys.js';

const healthSchema = z.object({
  code: z.string(),
  since: z.iso.datetime(),
  fix: z.object({ en: z.string(), zh: z.string() }),
});
export type StorageTrouble = z.output<typeof healthSchema>;

// Waiting images are retried at least once a minute, and each failure renews the report.
const STALE_MS = 3 * 60_000;

/**
 * The OSS faults of the workers, for `/readyz`. Each worker has its own report, since the network of one host may be at fault. A
 * report expires unless its worker renews it.
 */
export function openStorageHealth(redis: RedisConnection, prefix: string) {
  const { storageFaults } = recordKeys(prefix);
  const reporter = randomUUID();
  let latest = '';
  return {
    /** The fault that has lasted longest; null if OSS works for all workers. */
    async read(): Promise<StorageTrouble | null> {
      const reports = await redis.zrange(storageFaults, nowMs(), '+inf', 'BYSCORE');
      const troubles = reports.map((text) => healthSchema.parse(JSON.parse(text)));
      return troubles.toSorted((a, b) => a.since.localeCompare(b.since))[0] ?? null;
    },
    async report(trouble: StorageTrouble): Promise<void> {
      const earlier = latest;
      latest = JSON.stringify({ ...trouble, reporter });
      const now = nowMs();
      await redis
        .multi()
        .zremrangebyscore(storageFaults, '-inf', now)
        .zrem(storageFaults, earlier)
        .zadd(storageFaults, now + STALE_MS, latest)
        .pexpire(storageFaults, STALE_MS)
        .exec();
    },
    /** Removes the report of this worker. */
    async clear(): Promise<void> {
      await redis.zrem(storageFaults, latest);
    },
  };
}

export type StorageHealth = ReturnType<typeof openStorageHealth>;
