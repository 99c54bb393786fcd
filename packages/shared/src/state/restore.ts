import type { JobQueue } from '../queue/queue.js';
import { sleep } from '../runtime/clock.js';
import { createFileErrorSkipper } from '../runtime/file-errors.js';
import { inGroups } from '../runtime/in-groups.js';
import type { Logger } from '../runtime/log.js';
import { orUnreadable } from '../runtime/unreadable.js';
import { cancelBatch } from './batches/cancel-batch.js';
import { retryCodeOf } from './batches/staged-batches.js';
import { batchIds, deletionIds, liveIds, outcomeIds, stagedIds } from './files/walk.js';
import type { BatchEntry } from './records/batch-entry.js';
import { isBatchSettled } from './records/batch-state.js';
import type { Batches } from './records/batches.js';
import type { Idempotency } from './records/idempotency.js';
import type { ImageRecord } from './records/image-record.js';
import type { Records } from './records/records.js';
import { recreateRecord } from './records/recreate-record.js';
import { catchUp, restoredVersion } from './records/restore-record.js';
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

export interface RestoreCounts {
  records: number;
  /** Images that wait for a job; a job that exists stays. */
  waiting: number;
  /** Batches with work left. */
  batches: number;
}

/**
 * Restores the records and jobs that Redis lost, from the entries in staging, and removes staged files of final images. It
 * changes nothing that Redis still has, so it may run at any time, and twice at once.
 * @param which `live`: only images with a source or an output, since no others can wait for a job
 */
export async function restore(parts: RestoreParts, which: 'all' | 'live'): Promise<RestoreCounts> {
  const { staging, records, queue, log } = parts;
  const done = noCounts();
  const each = readableOnly(log);

  // Batches first: the transitions of their items keep their counts.
  for await (const id of batchIds(staging.layout)) await each(id, () => restoreBatch(parts, id, done));
  const ids = which === 'all' ? stagedIds(staging.layout) : liveIds(staging.layout);
  await inGroups(ids, (id) => each(id, () => restoreOne(parts, id, done)));
  await inGroups(deletionIds(staging.layout), (id) =>
    each(id, async () => {
      // The server may have died between the staged request and the record.
      await records.transition(id, requestDelete);
      const owner = (await records.get(id))?.owner ?? (await staging.entry(id))?.record.owner;
      if (owner !== undefined) await queue.delete(id, owner);
    }),
  );
  return done;
}

/** Images compared between two rests, each as long as the comparison took: together they take about a tenth of a core's time. */
const BETWEEN_RESTS = 64;

/** Restores until all images are compared or `signal` aborts. After an error, the next call continues at the same image. */
export type SlowRestore = (signal: AbortSignal) => Promise<RestoreCounts>;

/**
 * Compares final images with Redis, one at a time, and restores those that Redis lacks or has in an earlier state. It takes
 * hours for millions: for a Redis that has the epoch of the last restore, and can lack them only if somebody changed its keys.
 */
export function openSlowRestore(parts: RestoreParts): SlowRestore {
  const done = noCounts();
  const each = readableOnly(parts.log);
  let ids = outcomeIds(parts.staging.layout);
  /** The id whose comparison has not ended. */
  let current: string | null = null;
  let compared = 0;

  async function next(): Promise<string | null> {
    try {
      return current ?? (await ids.next()).value ?? null;
    } catch (error) {
      // An iterator that has thrown only ends.
      ids = outcomeIds(parts.staging.layout);
      throw error;
    }
  }

  return async (signal) => {
    let began = performance.now();
    while (!signal.aborted) {
      const id = await next();
      if (id === null) break;
      current = id;
      await each(id, () => restoreOne(parts, id, done));
      current = null;
      if (++compared % BETWEEN_RESTS !== 0) continue;
      await sleep(performance.now() - began, signal);
      began = performance.now();
    }
    return done;
  };
}

/** A damaged file, or a file of a newer version, must not stop the restore of the others. */
function readableOnly(log: Logger) {
  const skipFileErrors = createFileErrorSkipper(log, 'a restore');
  return async (id: string, work: () => Promise<void>): Promise<void> => {
    const result = await skipFileErrors(id, () => orUnreadable(work));
    if (result === 'unreadable') log.error({ id }, 'its file in staging or its record cannot be read');
  };
}

/** Restores the state of a batch and its job, which finds out which items are done. */
export async function restoreBatch(
  { staging, batches, queue, idempotency, log }: RestoreParts,
  id: string,
  done: RestoreCounts = noCounts(),
): Promise<void> {
  const manifest = await staging.batches.open(id);
  if (manifest === null) return log.error({ id }, 'a batch in staging cannot be read');
  const { entry } = manifest;
  const isBuried = await restoreState({ staging, batches }, entry);
  if (entry.idempotency !== null) await idempotency.restore(entry.owner, entry.idempotency, entry);
  if (isBuried) {
    // A Redis that went back to an earlier state has records of its items.
    const [item] = await batches.someItems(id, 0, 1);
    if (item !== undefined || (await staging.batches.hasRows(id))) await queue.expand(id);
    return;
  }
  const retries = (await batches.get(id))?.retries.map(({ code }) => code) ?? [];
  for (const change of await staging.batches.changes(id))
    if (change === 'canceled') await cancelBatch({ batches, staging }, id);
    else if (change === 'deleted') await batches.request(id, 'deleteRequestedAt');
    else if (!retries.includes(retryCodeOf(change))) await batches.retry(id, retryCodeOf(change));
  const state = await batches.get(id);
  if (state === null || isBatchSettled(state)) return;
  done.batches++;
  await queue.expand(id);
}

/** Creates the state of a batch unless Redis has it. Returns whether the batch has a tombstone. */
export async function restoreState(
  { staging, batches }: Pick<RestoreParts, 'staging' | 'batches'>,
  entry: BatchEntry,
): Promise<boolean> {
  const version = restoredVersion(entry.createdAt);
  const tombstone = await staging.batches.tombstone(entry.id);
  if (tombstone === null) {
    const changes = await staging.batches.changes(entry.id);
    // In one step: otherwise a worker that cancels its last items could finish the batch before its cancellation is set.
    await batches.create(entry, version, changes.includes('canceled'));
  } else await batches.bury(entry, tombstone, version);
  return tombstone !== null;
}

/** Restores the record and the job of one image from its entry in staging. */
export async function restoreOne(
  { staging, records, queue, idempotency }: RestoreParts,
  id: string,
  done: RestoreCounts = noCounts(),
): Promise<void> {
  const entry = await staging.entry(id);
  if (entry === null) return;
  let record = await records.get(id);
  if (record === null) {
    const recreated = await recreateRecord(records, entry.record);
    if (recreated.isCreated) done.records++;
    record = recreated.record;
    if (record === null) return;
  } else if (catchUp(record, entry.record) !== null) {
    const changed = await records.transition(id, (current) => catchUp(current, entry.record), record);
    if (changed.outcome === 'missing') return;
    record = changed.record;
  }
  // A record that another process created does not imply that Redis has the key.
  if (entry.idempotency !== null) await idempotency.restore(record.owner, entry.idempotency, record);
  if (!isSettled(record)) {
    done.waiting++;
    if (record.deleteRequestedAt !== null) await queue.delete(id, record.owner);
    else if (record.batchId === null) await queue.enqueue(runOf(record));
  } else if (!isSettled(entry.record) && entry.record.run <= record.run) {
    await settleNewest({ staging, records }, record);
  }
}

/** Records the final status of an image in staging: that of a deletion which ended in the meantime must not be lost. */
export async function settleNewest(
  { staging, records }: Pick<RestoreParts, 'staging' | 'records'>,
  record: ImageRecord,
): Promise<void> {
  for (let settled = record; ; ) {
    await staging.settle(settled);
    const newest = await records.get(record.id);
    if (newest === null || newest.version === settled.version || !isSettled(newest)) return;
    settled = newest;
  }
}

/**
 * Restores a record that is older than the image's entry in staging, after Redis went back to an earlier state.
 * @returns the restored record, or null if the record was not older
 */
export async function restoreIfBehind(parts: RestoreParts, record: ImageRecord): Promise<ImageRecord | null> {
  const entry = await parts.staging.ownEntry(record.id);
  if (entry === null || catchUp(record, entry.record) === null) return null;
  await restoreOne(parts, record.id);
  return parts.records.get(record.id);
}

const noCounts = (): RestoreCounts => ({ records: 0, waiting: 0, batches: 0 });
