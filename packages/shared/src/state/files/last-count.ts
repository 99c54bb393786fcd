import { z } from 'zod';
import type { Notes } from '../notes.js';
import { type SharingParts, type StoredSum, storedSumSchema } from './shared-bytes.js';

/** A count of files, and the sum of the bytes that all processes had stored when it began. */
export interface CountedFiles<Files> {
  files: Files;
  sum: StoredSum;
}

/** The last count of files, for a process that starts. */
export interface LastCount<Files> {
  /** Null if it is missing or damaged. */
  read(): Promise<CountedFiles<Files> | null>;
  write(counted: CountedFiles<Files>): Promise<void>;
}

/** Bytes by owner, as a list in JSON: an owner may have any name. */
export const bytesByOwnerSchema = z
  .array(z.tuple([z.string(), z.number()]))
  .transform((entries) => new Map(entries));

/** Keeps the last count in a note of staging. A note that cannot be written or read costs the next process its own count. */
export function openLastCount<Files>(
  notes: Notes,
  kind: SharingParts['kind'],
  filesSchema: z.ZodType<Files>,
): LastCount<Files> {
  const name = `counted-${kind}.json`;
  const schema = z.object({ files: filesSchema, sum: storedSumSchema });
  return {
    read: () =>
      notes
        .read(name)
        .then((text) => (text === null ? null : schema.parse(JSON.parse(text))))
        .catch(() => null),
    write: (counted) => notes.write(name, JSON.stringify(counted, mapAsList)).catch(() => {}),
  };
}

const mapAsList = (_: string, value: unknown) => (value instanceof Map ? [...value] : value);
