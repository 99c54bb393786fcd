import { z } from 'zod';
import { BATCH_ID } from './ids.js';
import { STATUSES } from './image.js';
import { reason } from './messages/reason.js';
import { PROFILE_NAME } from './profile.js';
import { sourceHeadersSchema, sourceUrlSchema } from './source.js';
import { optionsSchema } from './submission-options.js';

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
    rows: count.nullable().meta({
      description: 'Rows of the input; a row with several URLs has several items. Null if it is not known',
    }),
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

// The batch as a whole has a webhook.
const { webhookUrl: _, ...itemOptions } = optionsSchema.shape;

/** One item of a batch as a caller writes it in JSON or NDJSON; a CSV row or a file becomes the same. */
export const itemSchema = z.strictObject({
  url: sourceUrlSchema,
  headers: sourceHeadersSchema.default({}),
  ...itemOptions,
  /** The batch's profile unless the item names its own. */
  profile: z.string().regex(PROFILE_NAME, reason('not-a-profile-name')).optional(),
});
export type Item = z.output<typeof itemSchema>;
