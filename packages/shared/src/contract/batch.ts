import { z } from 'zod';
import { ERROR_CODES } from '../error-table.js';
import { optionsSchema, STATUSES } from './image.js';
import { PROFILE_NAME } from './profile.js';
import { type Origin, sourceHeadersSchema, sourceUrlSchema } from './source.js';

export const BATCH_ID = /^bat_[0-9a-f]{32}$/;
export const BATCH_STATUSES = ['running', 'finished', 'canceled'] as const;

const count = z.int().nonnegative();
const time = z.iso.datetime();

export const countsSchema = z.object({
  queued: count,
  processing: count,
  published: count,
  failed: count,
  canceled: count,
  deleted: count,
} satisfies Record<(typeof STATUSES)[number], typeof count>);
export type Counts = z.output<typeof countsSchema>;

/** A batch as it crosses the wire. */
export const batchSchema = z
  .object({
    id: z.string().regex(BATCH_ID),
    status: z.enum(BATCH_STATUSES),
    version: z.int().positive(),
    owner: z.string(),
    profile: z.string(),
    total: count,
    counts: countsSchema,
    /** Share of the items that are final, 0 to 1. */
    progress: z.number().min(0).max(1),
    /** Over the last half minute or so; null before anything can be said. */
    itemsPerSecond: z.number().nonnegative().nullable(),
    etaSeconds: count.nullable(),
    createdAt: time,
    updatedAt: time,
    finishedAt: time.nullable(),
    expiresAt: time.nullable(),
    cancelRequestedAt: time.nullable(),
    deleteRequestedAt: time.nullable(),
  })
  .meta({ id: 'Batch' });
export type Batch = z.output<typeof batchSchema>;

/** One item of a batch as a caller writes it in JSON or NDJSON; a CSV row or a file becomes the same. */
export const itemSchema = z.strictObject({
  url: sourceUrlSchema,
  headers: sourceHeadersSchema.default({}),
  ...optionsSchema.shape,
  /** The batch's profile unless the item names its own. */
  profile: z.string().regex(PROFILE_NAME).optional(),
});
export type Item = z.output<typeof itemSchema>;

export const faultSchema = z.object({
  code: z.enum(ERROR_CODES),
  detail: z.object({ en: z.string(), zh: z.string() }),
});

/** Where the source of a batch's item is. The request headers of a URL are read only for the fetch. */
export type ItemOrigin =
  | Exclude<Origin, { kind: 'url' }>
  | {
      kind: 'url';
      url: string /** Number of its header set in the batch; absent without headers. */;
      headerSet?: number;
    };

/** An item of a batch, as its manifest returns it. */
export interface ManifestItem {
  /**
   * Counts the rows of the input from 1, without a header. Several URLs in one cell are several items of one row; the
   * place of an item in the manifest, from 0, is unique.
   */
  row: number;
  profile: string;
  externalId: string | null;
  metadata: Record<string, string>;
  /** Expected digest of the source, in hex. */
  sha256: string | null;
  filename: string | null;
  declaredType: string | null;
  /** Null if the row is invalid. */
  origin: ItemOrigin | null;
  fault: z.output<typeof faultSchema> | null;
}

/** An item that is added to a batch. */
export interface NewItem extends Omit<ManifestItem, 'origin'> {
  /** The caller's own columns, in the order of the batch's `columns`, for the report. */
  cells: string[];
  origin: Origin | null;
}

/** What staging keeps of a batch beside its manifest. */
export const batchEntrySchema = z.object({
  id: z.string().regex(BATCH_ID),
  owner: z.string(),
  profile: z.string(),
  /** 32 random bytes in hex, from which the ids of the items derive. */
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  total: count,
  /** Items whose row is invalid. Absent in entries of version 0.1.0, in which each of these items gets a record. */
  invalid: count.optional(),
  /** Layout of the batch's other files; absent: 1. */
  format: z.int().positive().optional(),
  /** Names of the caller's own columns. */
  columns: z.array(z.string()).default([]),
  createdAt: time,
  /** RETENTION in ms at the time of submission; items without a record of their own derive `expiresAt` from it. */
  retentionMs: count.optional(),
  idempotency: z.object({ keyHash: z.string(), fingerprint: z.string() }).nullable().default(null),
});
export type BatchEntry = z.output<typeof batchEntrySchema>;

/** What staging keeps, beside its entry, of a batch whose items are all deleted. */
export const tombstoneSchema = z.object({
  cancelRequestedAt: time.nullable(),
  deleteRequestedAt: time,
  finishedAt: time,
  expiresAt: time,
});
export type Tombstone = z.output<typeof tombstoneSchema>;
