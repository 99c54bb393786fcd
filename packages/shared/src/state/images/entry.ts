import { z } from 'zod';
import { recordSchema } from './image-record.js';
import { originSchema } from './origin.js';

/** The Idempotency-Key of a submission, so that a repeat finds the image. */
export const idempotencySchema = z.object({ keyHash: z.string(), fingerprint: z.string() }).nullable();

/** An image's file in staging: enough to restore its record. */
export const entrySchema = z.object({
  record: recordSchema,
  /** The origin of the source; null if the submission contained the source. */
  origin: originSchema.nullable(),
  idempotency: idempotencySchema,
});
export type Entry = z.output<typeof entrySchema>;
