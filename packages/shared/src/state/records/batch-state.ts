import type { Batch } from '@pixdock/contract/batch';
import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { BatchEntry, Tombstone } from './batch-entry.js';
import { webhookTargetSchema } from './webhook-target.js';

const number = z.coerce.number();
const moment = number.nullable().default(null);

const storedSchema = z.object({
  owner: z.string(),
  profile: z.string(),
  total: number,
  /** Rows of the input; null in a batch of 0.1.0. */
  rows: number.nullable().default(null),
  /** Items with an invalid row, which count as failed from the beginning. */
  invalid: number.default(0),
  version: number,
  firstVersion: number,
  queued: number,
  processing: number,
  published: number,
  failed: number,
  canceled: number,
  deleted: number,
  createdAt: number,
  updatedAt: number,
  finishedAt: moment,
  expiresAt: moment,
  /** `finishedAt` of the last end for which an event was sent. */
  announcedAt: moment,
  cancelRequestedAt: moment,
  deleteRequestedAt: moment,
  /** When its removal began. Callers no longer see the batch. */
  forgottenAt: moment,
  markAt: number,
  markDone: number,
  priorAt: number,
  priorDone: number,
  /** Place of the first item that has not been read yet. */
  next: number,
  /** Items without a record before this place are canceled, unless their row is invalid. */
  canceledBefore: number.default(0),
  /** Items without a record before this place are deleted. */
  deletedBefore: number.default(0),
  /** When the deleted batch was reduced to its entry and its tombstone. */
  buriedAt: moment,
  /** Place before which the entries of the items are removed, while a buried batch is being forgotten. */
  accountsDroppedBefore: number.default(0),
  /** Of its `webhookUrl`, as JSON. */
  webhook: z
    .string()
    .transform((text) => webhookTargetSchema.parse(JSON.parse(text)))
    .nullable()
    .default(null),
});

const stateSchema = storedSchema.transform(
  ({ firstVersion: minVersion, accountsDroppedBefore: entriesRemovedBefore, ...state }) => ({
    ...state,
    entriesRemovedBefore,
    /** The lowest version that the batch and its items can have: that of this state when it was created. */
    minVersion,
  }),
);

const retrySchema = z.object({ code: z.enum(ERROR_CODES).nullable(), before: number });

/** A request to retry the failures of a code, or all (null), that are older than `before`, in ms. */
export type BatchRetry = z.output<typeof retrySchema>;

/** The state of a batch in Redis; times in ms. */
export type BatchState = z.output<typeof stateSchema> & {
  id: string;
  retries: BatchRetry[];
};

/** The first fields of a batch in Redis, without its counts; times in ms. */
export function firstFields(entry: BatchEntry, version: number) {
  const { owner, profile, total, rows, invalid = 0, createdAt, retentionMs, webhook } = entry;
  const created = Date.parse(createdAt);
  return {
    owner,
    profile,
    total,
    ...(rows === undefined ? {} : { rows }),
    invalid,
    version,
    firstVersion: version,
    markAt: created,
    markDone: invalid,
    priorAt: created,
    priorDone: invalid,
    createdAt: created,
    updatedAt: created,
    next: 0,
    ...(webhook === null ? {} : { webhook: JSON.stringify(webhook) }),
    // A batch of invalid rows alone is finished from the beginning.
    ...(invalid === total && retentionMs !== undefined
      ? { finishedAt: created, expiresAt: created + retentionMs }
      : {}),
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
    ...firstFields(entry, Math.max((state?.minVersion ?? 0) + 1, version)),
    ...Object.fromEntries(times),
    ...NO_ITEMS,
    queued: 0,
    deleted: total,
    canceledBefore: 0,
    deletedBefore: total,
    next: total,
    version: reported?.version ?? Math.max((state?.version ?? 0) + 1, version),
    updatedAt: reported?.updatedAt ?? Date.parse(tombstone.finishedAt),
    buriedAt: Date.now(),
    // Without a state it is not known whether the event was sent: not again.
    ...(state !== null && state.announcedAt === null
      ? {}
      : { announcedAt: state?.announcedAt ?? Date.now() }),
  };
}

const NO_ITEMS = { processing: 0, published: 0, failed: 0, canceled: 0, deleted: 0 };

/** The state of a new batch: its invalid rows are failed, all other items queued. */
export function newBatchState(entry: BatchEntry, version: number): BatchState {
  const failed = entry.invalid ?? 0;
  const fields = { ...NO_ITEMS, ...firstFields(entry, version), failed, queued: entry.total - failed };
  return { id: entry.id, ...stateSchema.parse(fields), retries: [] };
}

/** Parses the hash of a batch. @throws ZodError for a hash that no version of Pixdock wrote */
export function parseBatchState(id: string, fields: Record<string, string>): BatchState {
  const retries = Object.entries(fields)
    .filter(([name]) => name.startsWith(RETRY))
    .map(([name, before]) => retrySchema.parse({ code: name.slice(RETRY.length) || null, before }));
  return { id, ...stateSchema.parse(fields), retries };
}

const RETRY = 'retry ';

/** The field that requests a retry of the failures of a code, or of all. */
export const retryField = (code: ErrorCode | null) => `${RETRY}${code ?? ''}`;

/** A batch as its owner sees it. One version has one content, with rate and estimate. */
export function toBatch(state: BatchState): Batch {
  const {
    id,
    owner,
    profile,
    total,
    rows,
    version,
    queued,
    processing,
    published,
    failed,
    canceled,
    deleted,
  } = state;
  const remaining = queued + processing;
  const isRunning = remaining > 0 || state.retries.length > 0;
  const rate = itemsPerSecond(state);
  return {
    id,
    status: isRunning ? 'running' : state.cancelRequestedAt === null ? 'finished' : 'canceled',
    version,
    owner,
    profile,
    total,
    rows,
    counts: { queued, processing, published, failed, canceled, deleted },
    progress: total === 0 ? 1 : (total - remaining) / total,
    itemsPerSecond: rate,
    etaSeconds: remaining === 0 ? 0 : rate === null || rate === 0 ? null : Math.ceil(remaining / rate),
    createdAt: isoTime(state.createdAt),
    updatedAt: isoTime(state.updatedAt),
    finishedAt: isRunning ? null : timeOf(state.finishedAt),
    expiresAt: timeOf(state.expiresAt),
    cancelRequestedAt: timeOf(state.cancelRequestedAt),
    deleteRequestedAt: timeOf(state.deleteRequestedAt),
  };
}

/** Whether only a request can change the batch. */
export function isBatchSettled(state: BatchState): boolean {
  const isDeleting = state.deleteRequestedAt !== null && state.deleted < state.total;
  return state.queued + state.processing === 0 && !isDeleting && state.retries.length === 0;
}

/** Whether no item has changed since the submission. */
export function isBatchUntouched({ total, invalid, queued, failed, forgottenAt }: BatchState): boolean {
  return queued === total - invalid && failed === invalid && forgottenAt === null;
}

/** The rate of a finished batch over its whole time, and of an open batch since the older sample. Null in the first second. */
function itemsPerSecond(state: BatchState): number | null {
  const done = state.total - state.queued - state.processing;
  const [since, before] = state.finishedAt === null ? [state.priorAt, state.priorDone] : [state.createdAt, 0];
  const seconds = ((state.finishedAt ?? state.updatedAt) - since) / 1000;
  if (seconds < 1 && state.finishedAt === null) return null;
  return Math.round((Math.max(0, done - before) / Math.max(seconds, 0.001)) * 100) / 100;
}

const timeOf = (ms: number | null) => (ms === null ? null : isoTime(ms));
