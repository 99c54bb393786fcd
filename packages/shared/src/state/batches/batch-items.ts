import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Status } from '@pixdock/contract/status';
import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import type { Epoch } from '../epoch.js';
import type { GuardedWrite } from '../guarded-write.js';
import type { RecordKeys } from '../record-keys.js';
import type { BatchState } from './batch-state.js';
import { openBatchWindow } from './window.js';

export type ItemFilter = { status: Status; code?: never } | { code: ErrorCode; status?: never };

/** Items that have no record and get none: they end when the batch's boundary moves past them. */
export interface WithoutRecord {
  status: 'canceled' | 'deleted';
  /** The items end at this place, exclusive. They begin where the last call with this status ended. */
  to: number;
  /** Ids that must have no record when the change is made. */
  imageIds: readonly string[];
  /** How many of the items the batch now counts under each status that changes. */
  counted: Partial<Record<Status, number>>;
  /** In ms; applies to the batch if this ends its last items. */
  expiresAt: number;
}

/** The items of a batch in Redis. */
export function openBatchItems(
  redis: RedisConnection,
  keys: RecordKeys,
  guardedWrite: GuardedWrite,
  epoch: Epoch,
) {
  const endItems = loadScript<-1 | 0 | 1>('end-items-without-record');
  return {
    /** The items of the batch that have a job, and those that wait for one. */
    window: (state: Pick<BatchState, 'id' | 'minVersion'>) =>
      openBatchWindow(redis, keys, state, guardedWrite),

    /** Counts an item that took the shared source of the item at `place`; returns how many took it. */
    countSharedUse: (id: string, place: number) => redis.hincrby(keys.sharedUses(id), String(place), 1),

    /** Places of items with a status or an error code, in order, from a place on. */
    async places(id: string, filter: ItemFilter, from: number, count: number): Promise<number[]> {
      const index =
        filter.code === undefined ? keys.ofItemStatus(id, filter.status) : keys.ofItemCode(id, filter.code);
      const flat = await redis.zrangebyscore(index, from, '+inf', 'WITHSCORES', 'LIMIT', 0, count);
      return flat.flatMap((value, i) => (i % 2 === 1 ? [Number(value)] : []));
    },

    /** How many items have an error code. */
    countWithCode: (id: string, code: ErrorCode) => redis.zcard(keys.ofItemCode(id, code)),

    /** Ids of some items with a record, after the first `from`. */
    someItems: (id: string, from: number, count: number) =>
      redis.zrange(keys.ofBatch(id), String(from), String(from + count - 1)),

    /** Removes ids from that list whose record is gone. */
    async dropItems(id: string, imageIds: readonly string[]): Promise<void> {
      if (imageIds.length > 0) await redis.zrem(keys.ofBatch(id), ...imageIds);
    },

    /**
     * Cancels or deletes items without a record; the state then determines their status. False, without a change, if the
     * batch changed since it was read or one of the items has a record now.
     */
    async endWithoutRecord(state: BatchState, { imageIds, ...items }: WithoutRecord): Promise<boolean> {
      const { id, minVersion, canceledBefore, deletedBefore } = state;
      const names = [keys.batch(id), keys.expiring, keys.epoch, ...imageIds.map(keys.record)];
      const fields = {
        ...items,
        batchId: id,
        nowMs: nowMs(),
        channels: keys.changes(''),
        minVersion,
        canceledBefore,
        deletedBefore,
        boundary: `${items.status}Before`,
      } as const;
      return (await epoch.run((number) => endItems(redis, names, { ...fields, epoch: number }))) === 1;
    },
  };
}
