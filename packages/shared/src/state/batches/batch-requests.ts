import type { ErrorCode } from '@pixdock/contract/error-table';
import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { publishCommands } from '../changes.js';
import type { Epoch } from '../epoch.js';
import type { GuardedWrite } from '../guarded-write.js';
import type { RecordKeys } from '../record-keys.js';
import { type BatchRetry, type BatchState, retryField } from './batch-state.js';

/** A request for a batch as a whole. */
export type BatchRequest = 'cancelRequestedAt' | 'deleteRequestedAt';

/** The requests that the job of a batch carries out. */
export function openBatchRequests(
  redis: RedisConnection,
  keys: RecordKeys,
  guardedWrite: GuardedWrite,
  epoch: Epoch,
) {
  const setRequest = loadScript<-1 | 0 | 1>('set-batch-request');

  async function set(batchId: string, field: string, done: { doneSince?: number } = {}): Promise<boolean> {
    const fields = { batchId, field, nowMs: nowMs(), channels: keys.changes(''), ...done };
    const names = [keys.batch(batchId), keys.openBatches, keys.epoch];
    return (await epoch.run((number) => setRequest(redis, names, { ...fields, epoch: number }))) === 1;
  }

  return {
    /** Records a request; false if it was recorded before or changes nothing. */
    request: (id: string, what: BatchRequest) => set(id, what),

    /** Requests a retry of the failures of a code, or of all, that happened until now. */
    retry: (id: string, code: ErrorCode | null) => set(id, retryField(code)),

    /** Writes a name as the next version; false if the batch changed since it was read. */
    setName: ({ id, owner, version: before }: Pick<BatchState, 'id' | 'owner' | 'version'>, name: string) => {
      const version = before + 1;
      return guardedWrite({ hash: keys.batch(id), field: 'version', expected: before }, [
        ['HSET', keys.batch(id), 'name', name, 'version', version, 'updatedAt', nowMs()],
        ...publishCommands(keys, { id, owner, version }),
      ]);
    },

    /** Removes a retry request once all of its items are queued; false if the retry was requested again. */
    retried: (id: string, { code, before }: BatchRetry) => set(id, retryField(code), { doneSince: before }),
  };
}
