import { STATUSES } from '@pixdock/contract/status';
import { asError } from '../../runtime/as-error.js';
import { nowMs } from '../../runtime/clock.js';
import { readTogether } from '../../runtime/read-together.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { type Epoch, openEpoch } from '../epoch.js';
import { loadGuardedWrite } from '../guarded-write.js';
import { recordKeys } from '../record-keys.js';
import { openBatchEndings } from './batch-endings.js';
import type { BatchEntry } from './batch-entry.js';
import { firstFields } from './batch-fields.js';
import { openBatchItems } from './batch-items.js';
import { openBatchLists } from './batch-lists.js';
import { openBatchRequests } from './batch-requests.js';
import { type BatchState, parseBatchState } from './batch-state.js';

/**
 * Opens the state of all batches in Redis. The transition of each item keeps their counts.
 * @param onEvent called after a change appended an entry to the outbox of webhooks
 */
export function openBatchStates(
  redis: RedisConnection,
  prefix: string,
  epoch: Epoch = openEpoch(redis, prefix),
  onEvent: () => void = () => {},
) {
  const keys = recordKeys(prefix);
  const create = loadScript<-1 | 0 | 1>('create-batch');
  const guardedWrite = loadGuardedWrite(redis, epoch);

  async function read(id: string): Promise<BatchState | null> {
    const fields = await redis.hgetall(keys.batch(id));
    return 'total' in fields ? parseBatchState(id, fields) : null;
  }

  const get = readTogether((ids) => Promise.all(ids.map((id) => read(id).catch(asError))));

  return {
    ...openBatchRequests(redis, keys, guardedWrite, epoch),
    ...openBatchItems(redis, keys, guardedWrite, epoch),
    ...openBatchLists(redis, keys, get),
    ...openBatchEndings(keys, guardedWrite, get, epoch, onEvent),
    get,
    epoch,

    /**
     * Creates the batch's state, with its invalid rows failed and all other items queued; false if it exists.
     * @param version the lowest version of the batch and its items: above every version that a response has contained
     * @param restored for a batch that Redis lost: the epoch, and whether its cancellation was requested
     * @throws EpochEnded if this epoch has ended
     */
    async create(
      entry: BatchEntry,
      version: number,
      restored?: { epoch: number; isCanceled: boolean },
    ): Promise<boolean> {
      const { id, owner, total, invalid } = entry;
      const statuses = STATUSES.filter((status) => status !== 'queued');
      const fields = firstFields(entry, version);
      const names = [keys.batch(id), keys.batchesOf(owner), keys.openBatches];
      names.push(keys.expiring, keys.epoch, keys.ofInvalidRows(id));
      names.push(...statuses.map((status) => keys.ofItemStatus(id, status)));
      const first = {
        batchId: id,
        createdAt: fields.createdAt,
        total,
        invalid,
        expiresAt: 'expiresAt' in fields ? fields.expiresAt : undefined,
        cancelRequestedAt: restored?.isCanceled ? nowMs() : undefined,
        statuses,
        state: Object.entries(fields).flat(),
      };
      const script = (number: number) => create(redis, names, { ...first, epoch: number });
      const created = await epoch.run(script, restored?.epoch);
      return created === 1;
    },
  };
}

export type BatchStates = ReturnType<typeof openBatchStates>;
