import { BATCH_FORMATS } from '@pixdock/contract/batch';
import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { byStatus, countOf, DELETED_STATUSES, OPEN_STATUSES, STATUSES } from '@pixdock/contract/status';
import { z } from 'zod';
import { webhookTargetSchema } from '../webhooks/webhook-target.js';

const number = z.coerce.number();
const moment = number.nullable().default(null);

export const stateSchema = z.object({
  owner: z.string(),
  /** Null from the request to delete the batch on. */
  name: z.string().nullable().default(null),
  format: z.enum(BATCH_FORMATS),
  profile: z.string(),
  total: number,
  /** Rows of the input. */
  rows: number,
  /** Items with an invalid row, which count as failed from the beginning. */
  invalid: number,
  version: number,
  /** The lowest version that the batch and its items can have: that of this state when it was created. */
  minVersion: number,
  ...byStatus(STATUSES, () => number.default(0)),
  /** Items in `processing` that are held for a decision by a person. */
  held: number.default(0),
  createdAt: number,
  updatedAt: number,
  finishedAt: moment,
  expiresAt: moment,
  /** The `finishedAt` in the last event that was sent; null before the first event. */
  announcedAt: moment,
  cancelRequestedAt: moment,
  deleteRequestedAt: moment,
  /** When its removal began. Callers no longer see the batch. */
  forgottenAt: moment,
  /** Two times, at least 15 s apart, and the final items at each of them: the rate is measured since the older one. */
  latestSampleAt: number,
  latestSampleDone: number,
  olderSampleAt: number,
  olderSampleDone: number,
  /** Place of the first item that has not been read yet. */
  next: number,
  /** Items without a record before this place are canceled, unless their row is invalid. */
  canceledBefore: number.default(0),
  /** Items without a record before this place are deleted. */
  deletedBefore: number.default(0),
  /** When the deleted batch was reduced to its entry and its tombstone. */
  buriedAt: moment,
  /** Place before which the entries of the items are removed, while a buried batch is being forgotten. */
  entriesRemovedBefore: number.default(0),
  /** Of its `webhookUrl`, as JSON. */
  webhook: z
    .string()
    .transform((text) => webhookTargetSchema.parse(JSON.parse(text)))
    .nullable()
    .default(null),
});

const retrySchema = z.object({ code: z.enum(ERROR_CODES).nullable(), before: number });

/** A request to retry the failures of a code, or all (null), that are older than `before`, in ms. */
export type BatchRetry = z.output<typeof retrySchema>;

/** The state of a batch in Redis; times in ms. */
export type BatchState = z.output<typeof stateSchema> & {
  id: string;
  retries: BatchRetry[];
};

/** Parses the hash of a batch. @throws ZodError for a hash that no version of Pixdock wrote */
export function parseBatchState(id: string, fields: Record<string, string>): BatchState {
  const retries = Object.entries(fields)
    .filter(([name]) => name.startsWith(RETRY))
    .map(([name, before]) => retrySchema.parse({ code: name.slice(RETRY.length) || null, before }));
  const state = stateSchema.parse(fields);
  return { id, ...state, name: state.deleteRequestedAt === null ? state.name : null, retries };
}

const RETRY = 'retry ';

/** The field that requests a retry of the failures of a code, or of all. */
export const retryField = (code: ErrorCode | null) => `${RETRY}${code ?? ''}`;

/** Whether the batch has items in progress, failed items to retry or items to delete. */
export function hasWorkLeft(state: BatchState): boolean {
  const isDeleting = state.deleteRequestedAt !== null && countOf(state, DELETED_STATUSES) < state.total;
  return countOf(state, OPEN_STATUSES) > 0 || isDeleting || state.retries.length > 0;
}

/** Whether the deletion of the whole batch was requested and all its items are deleted. */
export function isBatchDeleted(state: BatchState): boolean {
  return (
    state.deleteRequestedAt !== null &&
    countOf(state, DELETED_STATUSES) === state.total &&
    !hasWorkLeft(state)
  );
}

/** Whether the event of the last end was sent. A buried batch sends none: it sent its event before, or Redis lost whether it did. */
export function isEndClosed({ announcedAt, finishedAt, buriedAt }: BatchState): boolean {
  return announcedAt !== null && (buriedAt !== null || announcedAt === finishedAt);
}

/** Whether its cancellation or deletion is requested: no item is started any more. */
export function isEnding({ cancelRequestedAt, deleteRequestedAt }: BatchState): boolean {
  return cancelRequestedAt !== null || deleteRequestedAt !== null;
}

/** Whether the batch waits only for people: nothing changes until a person decides on an item, or a request changes the batch. */
export function awaitsPeople(state: BatchState): boolean {
  return (
    state.held > 0 &&
    state.held === countOf(state, OPEN_STATUSES) &&
    state.retries.length === 0 &&
    !isEnding(state)
  );
}

/** Whether only a request can change the batch. */
export const isBatchSettled = (state: BatchState) => !hasWorkLeft(state) && isEndClosed(state);

/** Whether no item has changed since the submission. */
export function isBatchUntouched({ total, invalid, queued, failed, forgottenAt }: BatchState): boolean {
  return queued === total - invalid && failed === invalid && forgottenAt === null;
}
