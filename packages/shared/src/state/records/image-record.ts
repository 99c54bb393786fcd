import { imageSchema, sourceSchema } from '@pixdock/contract/image';
import { z } from 'zod';
import { storedErrorSchema } from './stored-error.js';

const count = z.int().nonnegative();
const time = z.iso.datetime();

const internalSchema = z.object({
  declaredType: z.string().nullable(),
  /** The digest that the caller expects of a source that is still to be fetched. */
  expectedSha256: z.string().nullable().default(null),
  /** The token of the attempt that holds the image. */
  holder: z.string().nullable().default(null),
  /** Keys that this run may have written, recorded before the put. */
  keys: z.array(z.string()).default([]),
  /** Objects with unknown keys may exist: Redis lost `keys`. */
  keysLost: z.boolean().default(false),
  /** When a fault of the service first delayed this run. */
  heldSince: time.nullable().default(null),
  /** Attempts whose worker died. */
  deaths: count.default(0),
  /** Failed fetches of this run that may be retried. */
  fetches: count.default(0),
  /** Place in the batch's manifest, from 0. */
  item: count.nullable().default(null),
  /** Its row is invalid: the batch counts it as failed even without a record. */
  isInvalidRow: z.boolean().default(false),
});

const knownSchema = z.object({
  ...imageSchema.shape,
  error: storedErrorSchema.nullable(),
  internal: internalSchema,
});
export type ImageRecord = z.output<typeof knownSchema>;

/**
 * An image in Redis and staging: the fields of the wire, the error with its reason, and internal fields. Records outlive
 * deployments: new fields have a default, and unknown fields of a newer version are preserved.
 */
export const recordSchema: z.ZodType<ImageRecord> = knownSchema
  .extend({
    source: sourceSchema.loose(),
    error: storedErrorSchema.loose().nullable(),
    internal: internalSchema.loose(),
  })
  .loose();
