import { z } from 'zod';
import { externalIdSchema } from './external-id.js';
import { reason } from './messages/reason.js';
import { PROFILE_NAME } from './profile.js';
import { plainRecord, sourceUrlSchema } from './source.js';

const bytesOf = (value: string) => new TextEncoder().encode(value).length;
const isWhole = (value: string) => !/\p{Cs}/u.test(value);

export const METADATA_MAX_BYTES = 4096;
/** A member takes 6 bytes of the 4 KiB at least. */
const METADATA_BOUND = { maxMembers: 682, message: reason('metadata-too-large') };

/** 365 days. */
export const DELETE_AFTER_MAX_SECONDS = 365 * 24 * 3600;
const DELETE_AFTER = reason('not-a-deletion-time');

/** Seconds from the submission to the deletion; a string in a form, a query or a row. */
export const deleteAfterSchema = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
  z.int(DELETE_AFTER).min(1, DELETE_AFTER).max(DELETE_AFTER_MAX_SECONDS, DELETE_AFTER),
);

/** What a submission may ask for beside the bytes. */
export const optionsSchema = z.strictObject({
  profile: z.string().regex(PROFILE_NAME, reason('not-a-profile-name')).default('default'),
  externalId: externalIdSchema.nullable().default(null),
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
  /** Seconds from the submission to the deletion of the image, unless it is kept. */
  deleteAfterSeconds: deleteAfterSchema.nullable().default(null),
  /** Deletes older images with the same externalId once the image is published; a string in a form or a query. */
  replace: z
    .preprocess(
      (value) => (value === 'true' || value === 'false' ? value === 'true' : value),
      z.boolean(reason('not-a-boolean')),
    )
    .default(false),
  /** Gets the events of this image; it has the origin of a webhook endpoint of the owner. */
  webhookUrl: sourceUrlSchema.nullable().default(null),
});
export type SubmissionOptions = z.output<typeof optionsSchema>;

export const WARNING_CODES = [
  'ignored_field',
  'ignored_rows',
  'ignored_sheets',
  'repeated_url',
  'repeated_external_id',
  'shortened_number',
  'full_width_url',
] as const;

/** A part of an accepted submission that had no effect. */
const warningSchema = z.object({ code: z.enum(WARNING_CODES), detail: z.string() }).meta({ id: 'Warning' });

/** Only in responses to submissions and to their replays; absent without a warning. */
export const warningsSchema = z.array(warningSchema).optional();
export type Warnings = NonNullable<z.output<typeof warningsSchema>>;
