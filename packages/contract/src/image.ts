import { z } from 'zod';
import { AI_LABEL_MAX_TEXT, AI_LABELS } from './ai-label.js';
import { ERROR_CODES } from './error-table.js';
import { EXTERNAL_ID_MAX_LENGTH } from './external-id.js';
import { IMAGE_ID } from './ids.js';
import { reason } from './messages/reason.js';
import { plainRecord } from './plain-record.js';
import { PROFILE_NAME } from './profile.js';
import { sourceUrlSchema } from './source.js';

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

const bytesOf = (value: string) => new TextEncoder().encode(value).length;
const isWhole = (value: string) => !/\p{Cs}/u.test(value);

export const METADATA_MAX_BYTES = 4096;
/** A member takes 6 bytes of the 4 KiB at least. */
const METADATA_BOUND = { maxMembers: 682, message: reason('metadata-too-large') };

/** What a submission may ask for beside the bytes. */
export const optionsSchema = z.strictObject({
  profile: z.string().regex(PROFILE_NAME, reason('not-a-profile-name')).default('default'),
  externalId: z
    .string()
    .min(1)
    .max(EXTERNAL_ID_MAX_LENGTH)
    .refine(isWhole, reason('lone-surrogate'))
    .nullable()
    .default(null),
  metadata: plainRecord(z.string(), METADATA_BOUND)
    .refine((value) => bytesOf(JSON.stringify(value)) <= METADATA_MAX_BYTES, METADATA_BOUND.message)
    .refine((value) => isWhole(Object.entries(value).join('\n')), reason('lone-surrogate'))
    .default({}),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, reason('not-a-sha256'))
    .transform((hex) => hex.toLowerCase())
    .nullable()
    .default(null),
  /** Gets the events of this image; it has the origin of a webhook endpoint of the owner. */
  webhookUrl: sourceUrlSchema.nullable().default(null),
});
export type SubmissionOptions = z.output<typeof optionsSchema>;

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

const labelText = z.string().max(AI_LABEL_MAX_TEXT).nullable();

/** The label of AI-generated content that a source has. */
const aiLabelSchema = z.object({
  label: z.enum(AI_LABELS).meta({ description: 'An unreadable label counts as `suspected`' }),
  producer: labelText,
  produceId: labelText,
  propagator: labelText,
  source: z.enum(['xmp', 'png-text', 'iptc']),
  written: z.boolean().meta({ description: 'Whether every variant carries the label' }),
  omitted: z
    .enum(['setting', 'too-long', 'malformed', 'gif'])
    .nullable()
    .meta({ description: 'Why not: AI_LABEL is drop, the label cannot be copied, or a variant is a GIF' }),
});
export type AiLabel = z.output<typeof aiLabelSchema>;

const COPYRIGHT_MAX_TEXT = 1024;
const rights = z.string().max(COPYRIGHT_MAX_TEXT).nullable();

/**
 * Why a `main` is larger than its source: it carries a label, an optimizer made the source, a lossless source became
 * another lossless format, the profile asks for another format, or the pixels had to change (size, orientation, colour).
 */
export const GROWTH_REASONS = [
  'label_added',
  'source_optimized',
  'lossless_source',
  'other_format',
  'pixels_changed',
] as const;
export type GrowthReason = (typeof GROWTH_REASONS)[number];

export const receiptSchema = z.object({
  declaredType: z.string().nullable(),
  detectedType: z.string(),
  orientationApplied: z.int(),
  colorProfile: z.string(),
  removed: z.array(z.string()),
  gpsRemoved: z.boolean(),
  resized: z.boolean(),
  encoder: z.string(),
  grew: z.enum(GROWTH_REASONS).nullable().default(null),
  profileVersion: z.string(),
  /** Images that an earlier version published lack the members below. */
  aiLabel: aiLabelSchema.nullable().optional(),
  c2pa: z
    .boolean()
    .optional()
    .meta({ description: 'Whether the source has a C2PA manifest; no output has one' }),
  copyright: z
    .object({ creator: rights, notice: rights, licenseUrl: rights, written: z.boolean() })
    .nullable()
    .optional()
    .meta({ description: 'With the profile option `metadata: copyright`, what the source states' }),
  gainMap: z.enum(['kept', 'removed']).nullable().optional().meta({
    description: 'Whether an output keeps the HDR gain map of the source; null if the source has none',
  }),
});
export type Receipt = z.output<typeof receiptSchema>;

export const placeholderSchema = z.object({ thumbhash: z.string(), color: z.string() });
export type Placeholder = z.output<typeof placeholderSchema>;

/** An image's `error`, and every refusal of the API (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(ERROR_CODES),
    detail: z.string(),
    retryable: z.boolean(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });

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
