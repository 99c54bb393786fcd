import { z } from 'zod';
import { BATCH_ID } from './ids.js';
import { reason } from './messages/reason.js';
import { PROFILE_NAME } from './profile.js';
import { sourceHeadersSchema, sourceUrlSchema } from './source.js';
import { byStatus, STATUSES } from './status.js';
import { optionsSchema } from './submission-options.js';

/** How an item may be recognized as an image that is published already: by its URL, or by the bytes of its source. */
export const REUSES = ['url', 'content'] as const;
export type Reuse = (typeof REUSES)[number];

export const BATCH_STATUSES = ['running', 'finished', 'canceled'] as const;
/** What a batch was submitted as; `files` is a form. */
export const BATCH_FORMATS = ['json', 'ndjson', 'csv', 'zip', 'files', 'workbook'] as const;
export type BatchFormat = (typeof BATCH_FORMATS)[number];

const count = z.int().nonnegative();
const positive = z.int().positive();
const share = z.number().min(0).max(1);
const time = z.iso.datetime();
const maybeTime = time.nullable();

// Of each pair of examples, the first is of a finished batch and the second of a new one.
export const countsSchema = z.object({
  ...byStatus(STATUSES, () => count),
  queued: count.meta({ examples: [0, 3] }),
  published: count.meta({ examples: [2, 0] }),
  failed: count.meta({ examples: [1, 0] }),
});
export type Counts = z.output<typeof countsSchema>;

/** A batch as it crosses the wire. */
export const batchSchema = z
  .object({
    id: z.string().regex(BATCH_ID),
    status: z.enum(BATCH_STATUSES).meta({ examples: ['finished', 'running'] }),
    version: positive.meta({ examples: [7, 1] }),
    owner: z.string().meta({ examples: ['acme'] }),
    name: z
      .string()
      .nullable()
      .meta({ examples: ['spring.csv', null], description: 'That of the file, unless you gave another one' }),
    format: z.enum(BATCH_FORMATS).meta({
      examples: ['csv'],
      description: 'Of the input. Only a `workbook` is returned as report.xlsx; `files` is a form',
    }),
    profile: z.string().meta({ examples: ['default'] }),
    total: count.meta({ examples: [3] }),
    rows: count.meta({
      examples: [3],
      description: 'Rows of the input; a row with several URLs has several items',
    }),
    counts: countsSchema,
    held: count.meta({
      description:
        'Number of `processing` items that wait for a decision by a person; above 0, `etaSeconds` is null',
    }),
    /** Share of the items that are final, 0 to 1. */
    progress: share.meta({ examples: [1, 0] }),
    /** Over the last half minute or so; null before anything can be said. */
    itemsPerSecond: z.number().nonnegative().nullable(),
    etaSeconds: count.nullable(),
    createdAt: time,
    updatedAt: time,
    finishedAt: maybeTime.meta({ examples: ['2026-01-05T08:00:04.500Z', null] }),
    expiresAt: maybeTime.meta({ examples: ['2026-02-04T08:00:04.500Z', null] }),
    cancelRequestedAt: maybeTime,
    deleteRequestedAt: maybeTime,
  })
  .meta({ id: 'Batch' });
export type Batch = z.output<typeof batchSchema>;

// `webhookUrl` and `replace` are options of the batch as a whole.
const { webhookUrl: _, replace: _replace, ...itemOptions } = optionsSchema.shape;

/** One item of a batch as a caller writes it in JSON or NDJSON; a CSV row or a file becomes the same. */
export const itemSchema = z.strictObject({
  url: sourceUrlSchema,
  headers: sourceHeadersSchema.default({}),
  ...itemOptions,
  /** The batch's profile unless the item names its own. */
  profile: z.string().regex(PROFILE_NAME, reason('not-a-profile-name')).optional(),
});
export type Item = z.output<typeof itemSchema>;
