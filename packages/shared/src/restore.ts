import type { ImageRecord } from './contract/image.js';
import { isSettled } from './contract/view.js';
import type { JobQueue } from './queue.js';
import type { Idempotency } from './records/idempotency.js';
import { type RecordKeys, recordKeys } from './records/keys.js';
import type { Records } from './records/records.js';
import { restored } from './records/transitions.js';
import type { RedisConnection } from './redis.js';
import type { Staging } from './staging/staging.js';
import { deletionIds, stagedIds } from './staging/walk.js';

interface Parts {
  idempotency: Idempotency;
  records: Records;
  queue: JobQueue;
  staging: Staging;
}

export interface Restored {
  records: number;
  jobs: number;
}

/**
 * Gives everything that staging has an account of its record and job back; what has them is left as it is, so running it
 * at any time, or twice at once, changes nothing that is right.
 */
export async function restore({ records, queue, staging, idempotency }: Parts): Promise<Restored> {
  const done: Restored = { records: 0, jobs: 0 };
  for await (const id of stagedIds(staging.layout)) {
    const entry = await staging.entry(id);
    if (entry === null) continue;
    if ((await records.get(id)) === null && (await records.create(restored(entry.record)))) {
      done.records++;
      const made = entry.idempotency;
      if (made !== null) await idempotency.restore(entry.record.owner, made.keyHash, id, made.fingerprint);
    }
    const record = await records.get(id);
    if (record !== null && (await requeue(record))) done.jobs++;
  }
  for await (const id of deletionIds(staging.layout)) {
    const record = await records.get(id);
    const owner = record?.owner ?? (await staging.entry(id))?.record.owner;
    if (owner !== undefined) await queue.delete(id, owner);
  }
  return done;

  async function requeue(record: ImageRecord): Promise<boolean> {
    if (isSettled(record)) return false;
    if (record.deleteRequestedAt !== null) await queue.delete(record.id, record.owner);
    else await queue.process(record.id, record.run);
    return true;
  }
}

/**
 * Tells whether Redis may have lost something since the last restore: it was emptied, restarted or failed over.
 * The mark it leaves is Redis' own run id, so that it vanishes or differs in each of these cases.
 */
export function watchEpoch(redis: RedisConnection, prefix: string) {
  const keys: RecordKeys = recordKeys(prefix);
  const runId = async () => /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
  return {
    isNew: async () => (await redis.get(keys.epoch)) !== (await runId()),
    mark: async () => {
      await redis.set(keys.epoch, await runId());
    },
  };
}
