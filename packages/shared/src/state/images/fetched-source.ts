import { z } from 'zod';
import type { ImageRecord } from './image-record.js';

/** The facts of a fetched source. */
export const fetchedSourceSchema = z.object({
  filename: z.string().nullable(),
  bytes: z.int(),
  sha256: z.string(),
  mediaType: z.string(),
  declaredType: z.string().nullable(),
  validator: z.object({ request: z.string(), value: z.string() }).nullable(),
});
export type FetchedSource = z.output<typeof fetchedSourceSchema>;

/** The facts of an image's source; null if it is still to be fetched. */
export function fetchedSourceOf({ source, internal }: ImageRecord): FetchedSource | null {
  const { declaredType, validator } = internal;
  return fetchedSourceSchema
    .nullable()
    .catch(null)
    .parse({ ...source, declaredType, validator });
}
