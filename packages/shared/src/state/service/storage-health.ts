import { z } from 'zod';
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

/** The last OSS fault of the workers, for `/readyz`. A report expires unless it is renewed. */
export function openStorageHealth(redis: RedisConnection, prefix: string) {
  const { storage } = recordKeys(prefix);
  return {
    async read(): Promise<StorageTrouble | null> {
      const text = await redis.get(storage);
      return text === null ? null : healthSchema.parse(JSON.parse(text));
    },
    async report(trouble: StorageTrouble): Promise<void> {
      await redis.set(storage, JSON.stringify(trouble), 'PX', STALE_MS);
    },
    async clear(): Promise<void> {
      await redis.del(storage);
    },
  };
}

export type StorageHealth = ReturnType<typeof openStorageHealth>;
