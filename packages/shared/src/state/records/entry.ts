import { z } from 'zod';
import { recordSchema } from './image-record.js';
import { originSchema } from './origin.js';

/** What staging keeps of an image in a file: enough to put back its record after Redis lost it. */
export const entrySchema = z.object({
  record: recordSchema,
  /** Where its bytes come from, when they did not come with it. */
  origin: originSchema.nullable().default(null),
  /** The Idempotency-Key that made it, so that a repeat still finds it. */
  idempotency: z.object({ keyHash: z.string(), fingerprint: z.string() }).nullable().default(null),
});
export type Entry = z.output<typeof entrySchema>;
