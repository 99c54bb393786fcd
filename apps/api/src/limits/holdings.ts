import { fresh } from '@pixdock/shared/runtime/fresh';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { openBatchesOf } from '@pixdock/shared/state/batches/batch-lists';
import { openClaimBytes } from '@pixdock/shared/state/idempotency/claim-bytes';
import { BATCH_BYTES, RECORD_OVERHEAD_BYTES, recordKeys } from '@pixdock/shared/state/record-keys';
import type { OwnerLimits } from './settings.js';

/** By which a record grows until its image is final: the keys, the receipt and the timeline. */
const GROWTH_BYTES = 1024;
/** Of the record of an image beside what was submitted. */
export const BESIDE_INPUT_BYTES = RECORD_OVERHEAD_BYTES + GROWTH_BYTES;

/** Bytes of Redis by use. */
export interface RedisBytes {
  /** Batches and the records of images, those in progress with what they grow by until they are final. */
  records: number;
  /** Webhook events with their deliveries. */
  events: number;
  /** Responses stored for Idempotency-Keys. */
  responses: number;
}

export const totalOf = ({ records, events, responses }: RedisBytes) => records + events + responses;

/** What an owner's images take. */
export interface Holdings {
  redisBytes: RedisBytes;
  waitingImages: number;
}

/** More images than all API processes together accept of an owner in a second, and more than their records take. */
const FAR = { images: 2000, bytes: 32 * 1024 ** 2 };

/** Reads the holdings of owners from what the writes of their state keep, so no second count can become wrong. */
export function openHoldings(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  const claimBytes = openClaimBytes(redis, prefix);
  /** Has at most one entry for each owner with an API key. */
  const recent = new Map<string, () => Promise<Holdings>>();

  async function read(owner: string): Promise<Holdings> {
    const [ofRecords, waitingImages, batches, events, responses] = await Promise.all([
      redis.hget(keys.recordBytes, owner),
      redis.zcard(keys.ofStatus(owner, 'queued')),
      redis.zcard(keys.batchesOf(owner)),
      redis.hget(keys.eventBytes(owner), 'all'),
      claimBytes.read(owner),
    ]);
    const records = Number(ofRecords ?? 0) + waitingImages * GROWTH_BYTES + batches * BATCH_BYTES;
    return { redisBytes: { records, events: Number(events ?? 0), responses }, waitingImages };
  }

  return {
    read,

    /** As `read`, but up to a second old while the owner is far from both limits. */
    async readRecent(
      owner: string,
      limits: Pick<OwnerLimits, 'waitingImages' | 'redisBytes'>,
    ): Promise<Holdings> {
      const readOwn = recent.get(owner) ?? fresh(() => read(owner));
      recent.set(owner, readOwn);
      const found = await readOwn();
      const isFar =
        found.waitingImages + FAR.images < limits.waitingImages &&
        totalOf(found.redisBytes) + FAR.bytes < limits.redisBytes;
      return isFar ? found : read(owner);
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
      return {
        batches: ids.length,
        untouchedBytes: Math.ceil(untouched.reduce((sum, bytes) => sum + bytes, 0)),
      };
    },
  };
}
