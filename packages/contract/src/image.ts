import { z } from 'zod';
import { IMAGE_ID } from './ids.js';
import { problemSchema } from './problem.js';
import { placeholderSchema, receiptSchema } from './receipt.js';

export const STATUSES = ['queued', 'processing', 'published', 'failed', 'canceled', 'deleted'] as const;
export const FINAL_STATUSES: readonly Status[] = ['published', 'failed', 'canceled', 'deleted'];
export const STAGES = [
  'received',
  'fetching',
  'validating',
  'normalizing',
  'uploading',
  'verifying',
  'published',
] as const;

export type Status = (typeof STATUSES)[number];
export type Stage = (typeof STAGES)[number];

const time = z.iso.datetime();
const count = z.int().nonnegative();

const variantResultSchema = z.object({
  url: z.string(),
  key: z.string(),
  width: count,
  height: count,
  bytes: count,
  mediaType: z.string(),
  etag: z.string(),
});
export type VariantResult = z.output<typeof variantResultSchema>;

export const sourceSchema = z.object({
  kind: z.enum(['upload', 'url']),
  url: z.string().nullable().meta({
    description:
      'The URL that the image was fetched from, without user, password, fragment and the values of query parameters that look like credentials; at most 1,024 characters. Null for an upload',
  }),
  filename: z.string().nullable(),
  /** This and the next two are null until the source has been fetched. */
  bytes: count.nullable(),
  sha256: z.string().nullable(),
  mediaType: z.string().nullable(),
  width: count.nullable(),
  height: count.nullable(),
  frames: count.nullable(),
});

/** An image as it crosses the wire, in the language the caller prefers. */
export const imageSchema = z
  .object({
    id: z.string().regex(IMAGE_ID),
    status: z.enum(STATUSES),
    stage: z.enum(STAGES),
    version: z.int().positive(),
    run: z.int().positive(),
    attempts: count,
    owner: z.string(),
    profile: z.string(),
    externalId: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    batchId: z.string().nullable(),
    row: count.nullable().meta({
      description:
        'Of an item of a batch: its row as a spreadsheet or an editor numbers it, with the header row of CSV as row 1; the number of the file in a form or a ZIP',
    }),
    position: count.nullable().meta({
      description: 'Of an item of a batch: which image of its row it is, from 1; a row may have several URLs',
    }),
    createdAt: time,
    updatedAt: time,
    finishedAt: time.nullable(),
    expiresAt: time.nullable(),
    deleteRequestedAt: time.nullable(),
    source: sourceSchema,
    url: z.string().nullable(),
    variants: z.record(z.string(), variantResultSchema),
    placeholder: placeholderSchema.nullable(),
    receipt: receiptSchema.nullable(),
    timeline: z.array(z.object({ stage: z.enum(STAGES), at: time })),
    // The OpenAPI generator merges a nullable reference into an `allOf` that refuses null.
    error: z.union([problemSchema, z.null()]),
    lastError: z.union([problemSchema, z.null()]).meta({
      description:
        'While a failed step is retried: why it failed. Null once the source is fetched or the image is final',
    }),
    nextAttemptAt: time.nullable().meta({
      description: 'While a failed step is retried: the earliest time of the next attempt',
    }),
  })
  .meta({ id: 'Image' });
export type Image = z.output<typeof imageSchema>;
