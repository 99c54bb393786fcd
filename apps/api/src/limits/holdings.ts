import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { openBatchesOf } from '@pixdock/shared/state/batches/open-batches';
import { openClaimBytes } from '@pixdock/shared/state/idempotency/claim-bytes';
import { RECORD_OVERHEAD_BYTES, recordKeys } from '@pixdock/shared/state/record-keys';

/** By which a record grows until its image is final: the keys, the receipt and the timeline. */
const GROWTH_BYTES = 1024;
/** Of the record of an image beside what was submitted. */
export const BESIDE_INPUT_BYTES = RECORD_OVERHEAD_BYTES + GROWTH_BYTES;

/** What an owner's images take. */
export interface Holdings {
  /** Bytes of Redis that their records take once they are final, and the responses stored for Idempotency-Keys. */
  redisBytes: number;
  waitingImages: number;
}

/** Reads the holdings of owners from what the writes of the records and claims keep, so no second count can become wrong. */
export function openHoldings(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  const claimBytes = openClaimBytes(redis, prefix);
  return {
    async read(owner: string): Promise<Holdings> {
      const [recordBytes, waitingImages, ofClaims] = await Promise.all([
        redis.hget(keys.recordBytes, owner),
        redis.zcard(keys.ofStatus(owner, 'queued')),
        claimBytes.read(owner),
      ]);
      return {
        redisBytes: Number(recordBytes ?? 0) + waitingImages * GROWTH_BYTES + ofClaims,
        waitingImages,
      };
    },

    /** The owner's batches that are not finished, and the bytes of the records that their other items will have. */
    async readOpenBatches(owner: string): Promise<{ batches: number; untouchedBytes: number }> {
      const ids = await openBatchesOf(redis, keys, owner);
      const fields = await Promise.all(
        ids.map((id) => redis.hmget(keys.batch(id), 'total', 'next', 'bytes')),
      );
      const untouched = fields.map(([total, next, bytes]) => {
        const items = Math.max(0, Number(total ?? 0) - Number(next ?? 0));
        return items * (BESIDE_INPUT_BYTES + Number(bytes ?? 0) / Math.max(1, Number(total ?? 0)));
      });
      return { batches: ids.length, untouchedBytes: untouched.reduce((sum, bytes) => sum + bytes, 0) };
    },
  };
}
