import { z } from 'zod';

/** Where the worker gets a source that the submission did not contain. */
export const originSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('url'),
    url: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  /** A direct upload. The submission makes its file the source, which no one has read yet. */
  z.object({ kind: z.literal('direct'), upload: z.string() }),
  /** A file of the batch's multipart form, in the batch's folder. */
  z.object({
    kind: z.literal('file'),
    name: z.string(),
    /** The received bytes, to verify the file. */
    received: z.object({ bytes: z.int().nonnegative(), sha256: z.string() }),
  }),
  /** An entry of the batch's ZIP archive. */
  z.object({
    kind: z.literal('entry'),
    /** Offset of the local header in the archive. */
    offset: z.int().nonnegative(),
    method: z.int().nonnegative(),
    compressedBytes: z.int().nonnegative(),
    bytes: z.int().nonnegative(),
    crc32: z.int().nonnegative(),
  }),
]);
export type Origin = z.output<typeof originSchema>;

/** The origin of an archive's entry, read from the central directory. */
export type EntryOrigin = Extract<Origin, { kind: 'entry' }>;
