import { byStatus, STATUSES } from '@pixdock/contract/status';
import { nowMs } from '../../runtime/clock.js';
import type { BatchEntry, Tombstone } from './batch-entry.js';
import { type BatchState, stateSchema } from './batch-state.js';

/** The version of a new batch and its items. A batch that Redis lost gets a higher one. */
export const FIRST_VERSION = 1;

/** The first fields of a batch in Redis, without its counts; times in ms. */
export function firstFields(entry: BatchEntry, version: number) {
  const { owner, name, format, profile, total, rows, invalid, bytes, createdAt, retentionMs, webhook } =
    entry;
  const created = Date.parse(createdAt);
  return {
    owner,
    ...(name === null ? {} : { name }),
    format,
    profile,
    total,
    rows,
    invalid,
    bytes,
    version,
    minVersion: version,
    latestSampleAt: created,
    latestSampleDone: invalid,
    olderSampleAt: created,
    olderSampleDone: invalid,
    createdAt: created,
    updatedAt: created,
    next: 0,
    ...(webhook === null ? {} : { webhook: JSON.stringify(webhook) }),
    // A batch of invalid rows alone is finished from the beginning.
    ...(invalid === total ? { finishedAt: created, expiresAt: created + retentionMs } : {}),
  };
}

/**
 * The fields that replace the state of a batch that has a tombstone.
 * @param state null if Redis does not have it
 * @param version above every version of the batch or its items that a response has contained
 */
export function buriedFields(
  entry: BatchEntry,
  tombstone: Tombstone,
  state: BatchState | null,
  version: number,
) {
  const { total } = entry;
  const times = Object.entries(tombstone).flatMap(([name, time]) =>
    time === null ? [] : [[name, Date.parse(time)] as const],
  );
  // Responses have contained these counts under this version.
  const reported = state?.deleted === total ? state : null;
  return {
    ...firstFields({ ...entry, name: null }, Math.max((state?.minVersion ?? 0) + 1, version)),
    ...Object.fromEntries(times),
    ...NO_ITEMS,
    deleted: total,
    held: 0,
    canceledBefore: 0,
    deletedBefore: total,
    next: total,
    version: reported?.version ?? Math.max((state?.version ?? 0) + 1, version),
    updatedAt: reported?.updatedAt ?? Date.parse(tombstone.finishedAt),
    buriedAt: nowMs(),
    // Without a state it is not known whether the event was sent: not again.
    ...(state !== null && state.announcedAt === null ? {} : { announcedAt: state?.announcedAt ?? nowMs() }),
  };
}

/** The state of a new batch: its invalid rows are failed, all other items queued. */
export function newBatchState(entry: BatchEntry, version: number): BatchState {
  const failed = entry.invalid;
  const fields = { ...NO_ITEMS, ...firstFields(entry, version), failed, queued: entry.total - failed };
  return { id: entry.id, ...stateSchema.parse(fields), retries: [] };
}

/** The state of a buried batch that Redis does not have. */
export function buriedState(entry: BatchEntry, tombstone: Tombstone, version: number): BatchState {
  return {
    id: entry.id,
    ...stateSchema.parse(buriedFields(entry, tombstone, null, version)),
    retries: [],
  };
}

const NO_ITEMS = byStatus(STATUSES, () => 0);
