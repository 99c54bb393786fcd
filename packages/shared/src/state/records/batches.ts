import { STATUSES, type Status } from '@pixdock/contract/image';
import { loadGuardedWrite } from '../../runtime/guarded-write.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { type BatchEndings, openBatchEndings } from './batch-endings.js';
import type { BatchEntry } from './batch-entry.js';
import { firstFields } from './batch-fields.js';
import { type BatchItems, openBatchItems } from './batch-items.js';
import { type BatchLists, openBatchLists } from './batch-lists.js';
import { type BatchRequests, openBatchRequests } from './batch-requests.js';
import { type BatchState, parseBatchState } from './batch-state.js';
import { recordKeys } from './keys.js';

export interface Batches extends BatchRequests, BatchItems, BatchLists, BatchEndings {
  /**
   * Creates the batch's state, with its invalid rows failed and all other items queued; false if it exists.
   * @param version the lowest version of the batch and its items: above every version that a response has contained
   * @param isCanceled whether its cancellation was requested before Redis lost it
   */
  create(entry: BatchEntry, version: number, isCanceled?: boolean): Promise<boolean>;
  get(id: string): Promise<BatchState | null>;
}

type CreateFields = {
  batchId: string;
  createdAt: number;
  total: number;
  invalid: number;
  expiresAt: number | undefined;
  cancelRequestedAt: number | undefined;
  statuses: Status[];
  state: (string | number)[];
};

/** Opens the state of all batches in Redis. The transition of each item keeps their counts. */
export function openBatches(redis: RedisConnection, prefix: string): Batches {
  const keys = recordKeys(prefix);
  const create = loadScript<CreateFields, 0 | 1>('create-batch');
  const guardedWrite = loadGuardedWrite(redis);

  async function get(id: string): Promise<BatchState | null> {
    const fields = await redis.hgetall(keys.batch(id));
    return 'total' in fields ? parseBatchState(id, fields) : null;
  }

  return {
    ...openBatchRequests(redis, keys),
    ...openBatchItems(redis, keys, guardedWrite),
    ...openBatchLists(redis, keys, get),
    ...openBatchEndings(redis, keys, guardedWrite, get),
    get,

    async create(entry, version, isCanceled = false) {
      const { id, owner, total, invalid } = entry;
      const statuses = STATUSES.filter((status) => status !== 'queued');
      const fields = firstFields(entry, version);
      const names = [keys.batch(id), keys.batchesOf(owner), keys.openBatches];
      names.push(keys.expiring, keys.ofInvalidRows(id));
      names.push(...statuses.map((status) => keys.ofItemStatus(id, status)));
      const created = await create(redis, names, {
        batchId: id,
        createdAt: fields.createdAt,
        total,
        invalid,
        expiresAt: 'expiresAt' in fields ? fields.expiresAt : undefined,
        cancelRequestedAt: isCanceled ? Date.now() : undefined,
        statuses,
        state: Object.entries(fields).flat(),
      });
      return created === 1;
    },
  };
}
