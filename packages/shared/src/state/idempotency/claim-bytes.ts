import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { recordKeys } from '../record-keys.js';

/** Responses that are stored within this time share a counter, which expires when the last of them is gone. */
const PERIOD_MS = 8 * 3600_000;
/** A response is kept for 24 hours: those of this period and of the three before it may still exist. */
const PERIODS = 4;
/** Of a claim beside its response. */
const OVERHEAD_BYTES = 512;

/** The bytes of Redis that the responses stored for an owner's Idempotency-Keys take. An erased response counts until it would have expired. */
export function openClaimBytes(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  const keyOf = (owner: string, periodsAgo: number) =>
    keys.claimBytes(owner, Math.floor(nowMs() / PERIOD_MS) - periodsAgo);
  return {
    async add(owner: string, response: string): Promise<void> {
      const key = keyOf(owner, 0);
      const bytes = OVERHEAD_BYTES + Buffer.byteLength(response);
      await redis
        .multi()
        .incrby(key, bytes)
        .pexpire(key, PERIODS * PERIOD_MS)
        .exec();
    },

    async read(owner: string): Promise<number> {
      const counts = await redis.mget(Array.from({ length: PERIODS }, (_, i) => keyOf(owner, i)));
      return counts.reduce((sum, bytes) => sum + Number(bytes ?? 0), 0);
    },
  };
}
