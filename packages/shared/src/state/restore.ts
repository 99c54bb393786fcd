import { randomUUID } from 'node:crypto';
import type { JobQueue } from '../queue/queue.js';
import { apart } from '../runtime/file-trouble.js';
import { inGroups } from '../runtime/in-groups.js';
import type { Logger } from '../runtime/log.js';
import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import { orUnreadable } from '../runtime/unreadable.js';
import { cancelBatch } from './batches/cancel-batch.js';
import { codeOfMark } from './batches/staged-batches.js';
import { batchIds, deletionIds, liveIds, stagedIds } from './files/walk.js';
import type { BatchEntry } from './records/batch-entry.js';
import { isBatchSettled } from './records/batch-state.js';
import type { Batches } from './records/batches.js';
import type { Idempotency } from './records/idempotency.js';
import type { ImageRecord } from './records/image-record.js';
import { type RecordKeys, recordKeys } from './records/keys.js';
import type { Records } from './records/records.js';
import { catchUp, restored, restoredVersion } from './records/restored.js';
import { runOf } from './records/run-of.js';
import { requestDelete } from './records/transitions.js';
import { isSettled } from './records/view.js';
import type { Staging } from './staging.js';

export interface RestoreParts {
  staging: Staging;
  records: Records;
  batches: Batches;
  queue: JobQueue;
  idempotency: Idempotency;
  log: Logger;
}

export interface Restored {
  records: number;
  /** Images that wait for a job; those that had one keep it. */
  waiting: number;
  /** Batches that have anything left to do. */
  batches: number;
}

/**
 * Gives what staging has an account of its record and job back, and lets staging go of what is final. What is right
 * already is left as it is, so this may run at any time, or twice at once.
 * @param which `live` looks only at images with a source or an output: all that can be waiting for a job
 */
export async function restore(parts: RestoreParts, which: 'all' | 'live'): Promise<Restored> {
  const { staging, records, queue, log } = parts;
  const done = nothingYet();
  const one = apart(log, 'a restore');
  // What a newer version wrote, or a disk damaged, keeps nobody else from being restored.
  async function each(id: string, work: () => Promise<void>): Promise<void> {
    const result = await one(id, () => orUnreadable(work));
    if (result === 'unreadable') log.error({ id }, 'what staging or Redis keeps of it cannot be read');
  }

  // The counts of a batch are kept by the records of its items, so it comes before them.
  for await (const id of batchIds(staging.layout)) await each(id, () => restoreBatch(parts, id, done));
  const ids = which === 'all' ? stagedIds(staging.layout) : liveIds(staging.layout);
  await inGroups(ids, (id) => each(id, () => restoreOne(parts, id, done)));
  await inGroups(deletionIds(staging.layout), (id) =>
    each(id, async () => {
      // The server that was asked may have died before the record knew.
      await records.move(id, requestDelete);
      const owner = (await records.get(id))?.owner ?? (await staging.entry(id))?.record.owner;
      if (owner !== undefined) await queue.delete(id, owner);
    }),
  );
  return done;
}

/** The batch goes over its items itself, and finds out which of them are done. */
export async function restoreBatch(
  { staging, batches, queue, idempotency, log }: RestoreParts,
  id: string,
  done: Restored = nothingYet(),
): Promise<void> {
  const manifest = await staging.batches.open(id);
  if (manifest === null) return log.error({ id }, 'a batch in staging cannot be read');
  const { entry } = manifest;
  const isBuried = await restoreState({ staging, batches }, entry);
  if (entry.idempotency !== null) await idempotency.restore(entry.owner, entry.idempotency, entry);
  if (isBuried) {
    // A Redis that went back to an earlier state has records of its items.
    const [left] = await batches.someItems(id, 0, 1);
    if (left !== undefined || (await staging.batches.hasRows(id))) await queue.expand(id);
    return;
  }
  const retries = (await batches.get(id))?.retries.map(({ code }) => code) ?? [];
  for (const mark of await staging.batches.marks(id))
    if (mark === 'canceled') await cancelBatch({ batches, staging }, id);
    else if (mark === 'deleted') await batches.request(id, 'deleteRequestedAt');
    else if (!retries.includes(codeOfMark(mark))) await batches.retry(id, codeOfMark(mark));
  const state = await batches.get(id);
  if (state === null || isBatchSettled(state)) return;
  done.batches++;
  await queue.expand(id);
}

/** Creates the state of a batch if Redis has none. Returns whether the batch has a tombstone. */
export async function restoreState(
  { staging, batches }: Pick<RestoreParts, 'staging' | 'batches'>,
  entry: BatchEntry,
): Promise<boolean> {
  const version = restoredVersion(entry.createdAt);
  const tombstone = await staging.batches.tombstone(entry.id);
  if (tombstone === null) await batches.create(entry, version);
  else await batches.bury(entry, tombstone, version);
  return tombstone !== null;
}

/** Gives one image its record and job back from its account in staging. */
export async function restoreOne(
  { staging, records, queue, idempotency }: RestoreParts,
  id: string,
  done: Restored = nothingYet(),
): Promise<void> {
  const entry = await staging.entry(id);
  if (entry === null) return;
  let record = await records.get(id);
  if (record === null) {
    const made = restored(entry.record);
    const isMade = await records.create(made);
    // Or somebody was first: a cancel that had nothing but the batch to go by knows of no source here.
    record = isMade ? made : await records.get(id);
    if (record === null) return;
    if (isMade) done.records++;
  } else if (catchUp(record, entry.record) !== null) {
    const moved = await records.move(id, (current) => catchUp(current, entry.record), record);
    if (moved.outcome === 'missing') return;
    record = moved.record;
  }
  // Whoever made the record since may have lost the key before.
  if (entry.idempotency !== null) await idempotency.restore(record.owner, entry.idempotency, record);
  if (!isSettled(record)) {
    done.waiting++;
    if (record.deleteRequestedAt !== null) await queue.delete(id, record.owner);
    else if (record.batchId === null) await queue.run(runOf(record));
  } else if (!isSettled(entry.record) && entry.record.run <= record.run) {
    await staging.settle(record);
  }
}

/**
 * Brings a record up to what staging tells, when Redis went back to an earlier state and staging did not; false when it
 * is not behind.
 */
export async function caughtUp(parts: RestoreParts, record: ImageRecord): Promise<boolean> {
  const account = await parts.staging.account(record.id);
  if (account === null || catchUp(record, account.record) === null) return false;
  await restoreOne(parts, record.id);
  return true;
}

const nothingYet = (): Restored => ({ records: 0, waiting: 0, batches: 0 });

/** What a server that dies in the middle of one leaves is gone after this. */
const LONGEST_RESTORE_MS = 24 * 3600_000;

/**
 * Tells whether Redis may have lost something since the last restore: it was emptied, restarted or failed over.
 * The mark it leaves is Redis' own run id, so that it vanishes or differs in each of these cases.
 */
export function watchEpoch(redis: RedisConnection, prefix: string) {
  const keys: RecordKeys = recordKeys(prefix);
  const script = loadScript<{ runId?: string }, [runId: string, epoch: string | null]>('redis-epoch');
  const read = () => script(redis, [keys.epoch], {});
  return {
    async isNew() {
      const [runId, epoch] = await read();
      return runId !== epoch;
    },
    /** Begins a restore; returns how to end it. A Redis that lost something meanwhile stays new. */
    async begin(): Promise<() => Promise<void>> {
      const [runId] = await read();
      const note = keys.restoring(randomUUID());
      await redis.set(note, runId, 'PX', LONGEST_RESTORE_MS);
      return async () => void (await script(redis, [keys.epoch, note], { runId }));
    },
  };
}
