import { z } from 'zod';
import { recordSchema } from '../contract/image.js';

/** What staging keeps of an image in a file: enough to put back its record after Redis lost it. */
export const entrySchema = z.object({
  record: recordSchema,
  /** The Idempotency-Key that made it, so that a repeat still finds it. */
  idempotency: z.object({ keyHash: z.string(), fingerprint: z.string() }).nullable().default(null),
});
export type Entry = z.output<typeof entrySchema>;
