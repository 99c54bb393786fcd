import { isRejected } from '@pixdock/contract/error-table';
import { imageSchema } from '@pixdock/contract/image';
import type { Review } from '@pixdock/contract/review';
import {
  DELETED_STATUSES,
  type DeletedStatus,
  isDeletedStatus,
  isOpenStatus,
  isUnpublishedStatus,
  OPEN_STATUSES,
  type OpenStatus,
  type Status,
  UNPUBLISHED_STATUSES,
  type UnpublishedStatus,
} from '@pixdock/contract/status';
import { z } from 'zod';
import { webhookTargetSchema } from '../webhooks/webhook-target.js';
import { type StoredError, storedErrorSchema } from './stored-error.js';

const count = z.int().nonnegative();
const time = z.iso.datetime();

const internalSchema = z.object({
  declaredType: z.string().nullable(),
  /** The digest that the caller expects of a source that is still to be fetched. */
  expectedSha256: z.string().nullable().default(null),
  /** The token of the current attempt. */
  attemptToken: z.string().nullable().default(null),
  /** Keys that this run may have written, recorded before the put. */
  keys: z.array(z.string()).default([]),
  /** Objects with unknown keys may exist: Redis lost `keys`. */
  keysLost: z.boolean().default(false),
  /** When a put of it ended without a response: OSS may store the object for some time after that. */
  unansweredPutAt: time.nullable().default(null),
  /** When a fault of the service first delayed this run. */
  delayedSince: time.nullable().default(null),
  /** Attempts whose worker died. */
  deaths: count.default(0),
  /** Failed fetches of this run that may be retried. */
  fetches: count.default(0),
  /** Place in the batch's manifest, from 0. */
  place: count.nullable().default(null),
  /** Its row is invalid: the batch counts it as failed even without a record. */
  isInvalidRow: z.boolean().default(false),
  /** The id of the upload token that submitted it; null if a key did. */
  uploadToken: z.string().nullable().default(null),
  /** The keys of its metadata by which it can be found: METADATA_INDEX at its submission. */
  metadataIndex: z.array(z.string()).default([]),
  /** Of its `webhookUrl`. */
  webhook: webhookTargetSchema.nullable().default(null),
  /** The request that fetched the source, and the ETag or the Last-Modified of its response; null without either. */
  validator: z.object({ request: z.string(), value: z.string() }).nullable().default(null),
  /** The subject of `review`, see `reviewSubject`. */
  reviewed: z.string().nullable().default(null),
  /** Whether it will replace, or has replaced, the older images with its externalId; null if it does not replace any. */
  replaces: z.enum(['later', 'done']).nullable().default(null),
  /** The URLs of a deleted image's objects. They reveal no more than its id. */
  urls: z.array(z.string()).default([]),
  /** The version in which it became final, also after a restore, which gives the record a higher version. */
  finalVersion: count.optional(),
});

/** The internal fields of a new record. */
export const newInternal = (declaredType: string | null) => internalSchema.parse({ declaredType });

const error: z.ZodType<StoredError> = storedErrorSchema.loose();

const commonSchema = z.object({
  ...imageSchema.shape,
  reusedId: imageSchema.shape.reusedId.default(null),
  deleteAt: imageSchema.shape.deleteAt.default(null),
  error: storedErrorSchema,
  lastError: error.nullable(),
  internal: internalSchema,
});

const openState = z.object({
  status: z.enum(OPEN_STATUSES),
  finishedAt: z.null(),
  url: z.null(),
  error: z.null(),
});
const publishedState = z.object({
  status: z.literal('published'),
  finishedAt: time,
  url: z.string().nullable(),
  error: z.null(),
});
const unpublishedState = z.object({
  status: z.enum(UNPUBLISHED_STATUSES),
  finishedAt: time,
  url: z.null(),
  error,
});
const deletedState = z.object({
  status: z.enum(DELETED_STATUSES),
  finishedAt: time,
  url: z.null(),
  /** The error with which the image had ended before its deletion; null without one. */
  error: error.nullable(),
});
type State = z.output<
  typeof openState | typeof publishedState | typeof unpublishedState | typeof deletedState
>;

export type ImageRecord = Omit<z.output<typeof commonSchema>, keyof State> & State;
/** A record with one of these statuses. */
export type RecordIn<S extends Status> = ImageRecord & { status: S };

/** Checked when it is submitted: a thousand keys would take most of the time of a read. */
const metadata = z.custom<Record<string, string>>((value) => typeof value === 'object' && value !== null);

const storedSchema = commonSchema
  .extend({ source: commonSchema.shape.source.loose(), metadata, internal: internalSchema.loose() })
  .loose();

/**
 * An image in Redis and staging: the fields of the wire, the error with its reason, and internal fields. Records outlive
 * deployments: new fields have a default, and unknown fields of a newer version are preserved.
 */
export const recordSchema: z.ZodType<ImageRecord> = z.discriminatedUnion('status', [
  storedSchema.extend(openState.shape),
  storedSchema.extend(publishedState.shape),
  storedSchema.extend(unpublishedState.shape),
  storedSchema.extend(deletedState.shape),
]);

/** Whether the current run may still change the image. */
export function isOpen(record: ImageRecord): record is RecordIn<OpenStatus> {
  return isOpenStatus(record.status);
}

/** Whether it ended with an error. */
export function isUnpublished(record: ImageRecord): record is RecordIn<UnpublishedStatus> {
  return isUnpublishedStatus(record.status);
}

/** Whether its objects are removed, and what it said is erased. */
export function isDeleted(record: ImageRecord): record is RecordIn<DeletedStatus> {
  return isDeletedStatus(record.status);
}

/** Whether `retry` needs the image's own files in staging. An item's source is with its batch, and a rejected image has no retry. */
export function isKeptForRetry(record: ImageRecord): record is RecordIn<'failed'> {
  return record.status === 'failed' && record.batchId === null && !isRejected(record);
}

/** Whether the image has its own objects, in its own record: no item that has become another image. */
export function isOriginal(record: ImageRecord): record is RecordIn<'published'> {
  return record.status === 'published' && record.reusedId === null;
}

/** Whether the image waits for a decision by a person. A held image has no job. */
export function isHeld(record: ImageRecord): record is RecordIn<'processing'> & { review: Review } {
  const { status, stage, review, deleteRequestedAt } = record;
  return (
    status === 'processing' &&
    stage === 'reviewing' &&
    review?.decision === 'hold' &&
    deleteRequestedAt === null
  );
}

/** Whether it is still to replace the older images with its externalId. */
export function isReplacing({ status, deleteRequestedAt, internal }: ImageRecord): boolean {
  return status === 'published' && deleteRequestedAt === null && internal.replaces === 'later';
}

/** Whether the source is still to be fetched. */
export function needsSource({ source }: ImageRecord): boolean {
  return source.bytes === null;
}
