import { BATCH_FORMATS, REUSES } from '@pixdock/contract/batch';
import { BATCH_ID } from '@pixdock/contract/ids';
import { z } from 'zod';
import { idempotencySchema } from '../images/entry.js';
import { webhookTargetSchema } from '../webhooks/webhook-target.js';

const count = z.int().nonnegative();
const time = z.iso.datetime();

/** What staging has of a batch beside its rows. */
export const batchEntrySchema = z.object({
  id: z.string().regex(BATCH_ID),
  owner: z.string(),
  /** At its submission; a later one is in a file of its own. */
  name: z.string().nullable().default(null),
  format: z.enum(BATCH_FORMATS),
  profile: z.string(),
  /** 32 random bytes in hex, from which the ids of the items derive. */
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  total: count,
  /** Rows of the input. */
  rows: count,
  /** Items with an invalid row. */
  invalid: count,
  /** Of its items in staging. */
  bytes: count,
  /** Names of the caller's own columns. */
  columns: z.array(z.string()),
  /** Of a workbook; rows and columns from 1. */
  workbook: z
    .object({
      /** The part with the sheet that was read. */
      part: z.string(),
      /** The part with the styles of cells. */
      styles: z.string().nullable().default(null),
      /** The last row of the header; 0 without one. */
      headerRow: count,
      urlColumns: z.array(count).default([]),
      /** Where the columns of its report begin; null if it has no room for them. */
      reportColumn: count.nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Of the sheet. */
  encoding: z.enum(['utf-8', 'gb18030']).default('utf-8'),
  /** Between the cells of a CSV file. */
  delimiter: z.enum([',', ';', '\t']).default(','),
  /** How its items may become images that are published already. */
  reuse: z.array(z.enum(REUSES)).default([]),
  /** Whether its items replace older images with their externalId. */
  replace: z.boolean().default(false),
  createdAt: time,
  /** RETENTION in ms at the time of submission; items without a record of their own derive `expiresAt` from it. */
  retentionMs: count,
  /** METADATA_INDEX at the time of submission. */
  metadataIndex: z.array(z.string()).default([]),
  idempotency: idempotencySchema,
  /** Of its `webhookUrl`. */
  webhook: webhookTargetSchema.nullable(),
});
export type BatchEntry = z.output<typeof batchEntrySchema>;

/** What is known of a batch whose items are all deleted. */
export const tombstoneSchema = z.object({
  cancelRequestedAt: time.nullable(),
  deleteRequestedAt: time,
  finishedAt: time,
  expiresAt: time,
});
export type Tombstone = z.output<typeof tombstoneSchema>;
