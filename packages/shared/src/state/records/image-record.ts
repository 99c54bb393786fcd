import { imageSchema, sourceSchema } from '@pixdock/contract/image';
import { z } from 'zod';
import { storedErrorSchema } from './stored-error.js';

const count = z.int().nonnegative();
const time = z.iso.datetime();

const internalSchema = z.object({
  declaredType: z.string().nullable(),
  /** That the caller says a source has which is still to be fetched. */
  expectedSha256: z.string().nullable().default(null),
  /** The mark of the attempt that has the image in hand. */
  holder: z.string().nullable().default(null),
  /** Keys that this run may have written, noted before the put. */
  keys: z.array(z.string()).default([]),
  /** Redis lost which keys it may have written. */
  keysLost: z.boolean().default(false),
  /** Since when a fault of the service holds the image back. */
  heldSince: time.nullable().default(null),
  /** Attempts that ended without a word: their worker died. */
  deaths: count.default(0),
  /** Tries of this run to fetch the source that may be tried again. */
  fetches: count.default(0),
  /** Place in the batch's manifest, from 0. */
  item: count.nullable().default(null),
  /** Its row is invalid, and its batch counted it as failed before it had a record. */
  isInvalidRow: z.boolean().default(false),
});

const knownSchema = z.object({
  ...imageSchema.shape,
  error: storedErrorSchema.nullable(),
  internal: internalSchema,
});
export type ImageRecord = z.output<typeof knownSchema>;

/**
 * An image as Redis and staging keep it: what the wire shows, the error with its reason, and what only we need.
 * Fields are only ever added, with a default, since records outlive deployments; those that a newer version added
 * beside this one are kept as they are.
 */
export const recordSchema: z.ZodType<ImageRecord> = knownSchema
  .extend({
    source: sourceSchema.loose(),
    error: storedErrorSchema.loose().nullable(),
    internal: internalSchema.loose(),
  })
  .loose();
