import { z } from 'zod';
import { externalIdSchema } from './external-id.js';
import { EXAMPLE_HEX, IMAGE_ID } from './ids.js';
import { reason } from './messages/reason.js';
import { problemSchema } from './problem.js';
import { placeholderSchema, receiptSchema } from './receipt.js';
import { reviewSchema } from './review.js';
import { STATUSES } from './status.js';
import { SIGNED_URL_SECONDS } from './visibility.js';

export const STAGES = [
  'received',
  'fetching',
  'validating',
  'normalizing',
  'reviewing',
  'uploading',
  'verifying',
  'published',
] as const;

export type Stage = (typeof STAGES)[number];

const time = z.iso.datetime();
const count = z.int().nonnegative();
const positive = z.int().positive();
const text = z.string();
const maybeText = text.nullable();
const maybeCount = count.nullable();

// Of each pair of examples, the first is of a published image and the second of a queued one.
const EXAMPLE_KEY = `5f/${EXAMPLE_HEX}/main.jpg`;
const EXAMPLE_URL = `https://img.example.com/${EXAMPLE_KEY}`;
const RECEIVED = { stage: 'received', at: '2026-01-05T08:00:00.000Z' };
const PUBLISHED = { stage: 'published', at: '2026-01-05T08:00:01.250Z' };

const variantResultSchema = z.object({
  url: maybeText.meta({
    examples: [EXAMPLE_URL],
    description: 'Null for a private image: make a signed URL with `POST /v1/images/{id}/sign`',
  }),
  key: text.meta({ examples: [EXAMPLE_KEY] }),
  width: count.meta({ examples: [1600] }),
  height: count.meta({ examples: [1200] }),
  bytes: count.meta({ examples: [391_004] }),
  mediaType: text.meta({ examples: ['image/jpeg'] }),
  etag: text.meta({ examples: [EXAMPLE_HEX.toUpperCase()] }),
});
export type VariantResult = z.output<typeof variantResultSchema>;

export const sourceSchema = z.object({
  kind: z.enum(['upload', 'url']),
  url: maybeText.meta({
    description:
      'The URL that the image was fetched from, without user, password, fragment and the values of query parameters that look like credentials; at most 1,024 characters. Null for an upload',
  }),
  filename: maybeText.meta({ examples: ['photo.jpg'] }),
  /** This and the next two are null until the source has been fetched. */
  bytes: maybeCount.meta({ examples: [482_113] }),
  sha256: maybeText.meta({ examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] }),
  mediaType: maybeText.meta({ examples: ['image/jpeg'] }),
  width: maybeCount.meta({ examples: [1600] }),
  height: maybeCount.meta({ examples: [1200] }),
  frames: maybeCount.meta({ examples: [1] }),
});

/** An image as it crosses the wire, in the language the caller prefers. */
export const imageSchema = z
  .object({
    id: z.string().regex(IMAGE_ID),
    status: z.enum(STATUSES).meta({ examples: ['published', 'queued'] }),
    stage: z.enum(STAGES).meta({ examples: ['published', 'received'] }),
    version: positive.meta({ examples: [7, 1] }),
    run: positive,
    attempts: count.meta({ examples: [1, 0] }),
    owner: text.meta({ examples: ['acme'] }),
    profile: text.meta({ examples: ['default'] }),
    externalId: maybeText.meta({ examples: ['sku-1'] }),
    metadata: z.record(text, text).meta({ examples: [{ season: '2027' }] }),
    batchId: maybeText,
    row: maybeCount.meta({
      description:
        'Of an item of a batch: its row as a spreadsheet or an editor numbers it, with the header row of CSV as row 1; the number of the file in a form or a ZIP',
    }),
    position: maybeCount.meta({
      description: 'Of an item of a batch: which image of its row it is, from 1; a row may have several URLs',
    }),
    createdAt: time,
    updatedAt: time,
    finishedAt: time.nullable().meta({ examples: [PUBLISHED.at, null] }),
    expiresAt: time.nullable().meta({ examples: ['2026-02-04T08:00:01.250Z', null] }),
    deleteRequestedAt: time.nullable(),
    source: sourceSchema,
    url: maybeText.meta({ examples: [EXAMPLE_URL, null] }),
    variants: z.record(text, variantResultSchema),
    placeholder: placeholderSchema.nullable(),
    receipt: receiptSchema.nullable(),
    review: reviewSchema.optional().meta({
      description: 'The latest decision of the review; only for images whose profile has `review`',
    }),
    timeline: z
      .array(z.object({ stage: z.enum(STAGES), at: time }))
      .meta({ examples: [[RECEIVED, PUBLISHED], [RECEIVED]] }),
    // The OpenAPI generator merges a nullable reference into an `allOf` that refuses null.
    error: z.union([problemSchema, z.null()]).meta({ examples: [null] }),
    lastError: z.union([problemSchema, z.null()]).meta({
      examples: [null],
      description:
        'While a failed step is retried: why it failed. Null once the source is fetched or the image is final',
    }),
    nextAttemptAt: time.nullable().meta({
      description: 'While a failed step is retried: the earliest time of the next attempt',
    }),
    reusedId: maybeText.meta({
      description:
        'Of an item of a batch with `reuse`: the id of the existing image that it has become; URL, variants and receipt are those of that image',
    }),
    deleteAt: time.nullable().meta({
      description:
        'From `deleteAfterSeconds`: the image is deleted within about a minute after this time, unless it is kept',
    }),
  })
  .meta({ id: 'Image' });
export type Image = z.output<typeof imageSchema>;

/** Keeping an image is a durable write of some milliseconds; five run at a time. */
export const KEEP_MAX_IMAGES = 200;
const IDS = reason('not-image-ids');

/** The body of `POST /v1/images/keep`. */
export const keepRequestSchema = z.strictObject({
  ids: z.array(z.string(IDS).regex(IMAGE_ID, IDS), IDS).min(1, IDS).max(KEEP_MAX_IMAGES, IDS),
});

/** The result for each image to keep, in the order of the request. */
export const keptImagesSchema = z
  .object({
    items: z.array(
      z.object({
        id: z.string().regex(IMAGE_ID),
        kept: z.boolean().meta({ examples: [true] }),
        /** Why it is not kept. */
        code: z
          .enum(['not_found', 'already_deleted'])
          .nullable()
          .meta({ examples: [null] }),
      }),
    ),
  })
  .meta({ id: 'KeptImages' });
export type KeptImage = z.output<typeof keptImagesSchema>['items'][number];

/** The body of `POST /v1/images/{id}/sign`. */
export const signRequestSchema = z.strictObject({
  variant: z.string().max(32).default('main'),
  expiresInSeconds: z
    .int(reason('not-a-url-lifetime'))
    .min(1, reason('not-a-url-lifetime'))
    .max(SIGNED_URL_SECONDS.max, reason('not-a-url-lifetime'))
    .default(SIGNED_URL_SECONDS.default),
});

/** A URL with which anyone can read a private object until it expires. */
export const signedUrlSchema = z
  .object({
    url: text.meta({ examples: [`https://private.example.com/private/${EXAMPLE_KEY}?x-oss-signature=…`] }),
    expiresAt: time.meta({ examples: ['2026-01-05T08:10:00.000Z'] }),
  })
  .meta({ id: 'SignedUrl' });
export type SignedUrl = z.output<typeof signedUrlSchema>;

/** The body of `POST /v1/images/delete`. */
export const deletionRequestSchema = z.strictObject({
  externalId: externalIdSchema,
  cursor: z.string().max(256).optional().meta({ description: 'The `next` of the response before' }),
});

/** Images whose deletion was requested together. */
export const deletionsSchema = z
  .object({
    items: z.array(
      z.object({
        id: z.string().regex(IMAGE_ID),
        /** `deleted` once the objects are gone. */
        status: z.enum(STATUSES),
      }),
    ),
    /** Absent once all are found. */
    next: z.string().optional(),
  })
  .meta({ id: 'ImageDeletions' });
export type RequestedDeletion = z.output<typeof deletionsSchema>['items'][number];
