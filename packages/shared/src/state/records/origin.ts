import { z } from 'zod';

/** Where the bytes of an image come from, when they did not come with its submission. */
export const originSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('url'),
    url: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  /** A file of the batch's multipart form, as it lies in the batch's folder. */
  z.object({
    kind: z.literal('file'),
    name: z.string(),
    /** What came, to know it again. */
    came: z.object({ bytes: z.int().nonnegative(), sha256: z.string() }).optional(),
  }),
  /** An entry of the batch's ZIP archive. */
  z.object({
    kind: z.literal('entry'),
    /** Of its local header, from the beginning of the archive. */
    offset: z.int().nonnegative(),
    method: z.int().nonnegative(),
    compressedBytes: z.int().nonnegative(),
    bytes: z.int().nonnegative(),
    crc32: z.int().nonnegative(),
  }),
]);
export type Origin = z.output<typeof originSchema>;

/** Of an entry of a ZIP archive, as the archive's directory tells. */
export type EntryOrigin = Extract<Origin, { kind: 'entry' }>;
