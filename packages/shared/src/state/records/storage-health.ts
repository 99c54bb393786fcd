import { z } from 'zod';
import type { RedisConnection } from '../../runtime/redis.js';
import { recordKeys } from './keys.js';

const healthSchema = z.object({ code: z.string(), since: z.iso.datetime(), fix: z.string() });
export type StorageTrouble = z.output<typeof healthSchema>;

// Renewed at every failed try, and held images are tried at least once a minute.
const STALE_MS = 3 * 60_000;

/** What workers last met at OSS, for `/readyz` to tell. No trouble reported for a while means none. */
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
