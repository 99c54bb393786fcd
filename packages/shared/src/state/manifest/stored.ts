import { createHash } from 'node:crypto';
import { z } from 'zod';
import { sortedEntries } from '../../runtime/sorted-entries.js';
import { batchEntrySchema, tombstoneSchema } from '../batches/batch-entry.js';
import { announcementSchema } from '../batches/batch-event.js';
import type { ManifestItem, NewItem } from '../batches/manifest-item.js';
import { type Origin, originSchema } from '../images/origin.js';
import { storedErrorSchema } from '../images/stored-error.js';

/*
 * The files of a batch:
 *   batch.json    its entry, and the tables: profiles and faults, which lines refer to by number
 *   items.ndjson  a line per item without its cells; a further item of a row refers to an earlier one by `same`
 *   cells.ndjson  a line per row, however many items it has
 *   index         INDEX_BYTES per item
 */

/** u48 offset of the item's line, u16 flags, digest of its source, u64 offset of its row's cells. */
export const INDEX_BYTES = 24;
export const FLAGS_AT = 6;
export const DIGEST_AT = 8;
export const CELLS_AT = 16;

/** The item is an invalid row. */
export const INVALID = 1;
/** The item belongs to the same row as the one before it. */
export const CONTINUES = 2;

/** Most items of a row that refer to each other: reading an item reads back at most this many. */
export const MAX_ROW_ITEMS = 100;

/** Most bytes of the tables, which an open batch has in memory; further faults are written in full. */
export const MAX_TABLE_BYTES = 64 * 1024;

export const tablesSchema = z.object({
  profiles: z.array(z.string()),
  /** Without what differs from row to row: its number and the wrong value. */
  faults: z.array(storedErrorSchema),
});
export type Tables = z.output<typeof tablesSchema>;

/** `batch.json` in the folder of a batch. */
export const batchFileSchema = batchEntrySchema.extend({
  /** Absent once the batch is deleted. */
  tables: tablesSchema.default({ profiles: [], faults: [] }),
  /** Of the last event that said that the batch is finished. */
  announcement: announcementSchema.nullable().default(null),
});

/** The file that replaces the folder of a batch whose items are all deleted. */
export const deletedBatchSchema = batchEntrySchema.extend({ tombstone: tombstoneSchema });

/** A line of items.ndjson. Absent members have their default. */
export const storedItemSchema = z.object({
  /** The item this many places earlier has the same fields from `row` to `headerSet`, which this line then lacks. */
  same: z.int().positive().optional(),
  row: z.int().positive().optional(),
  /** A number in the tables. */
  profile: z.int().nonnegative().default(0),
  externalId: z.string().nullable().default(null),
  metadata: z.record(z.string(), z.string()).default({}),
  sha256: z.string().nullable().default(null),
  deleteAfterSeconds: z.int().nullable().default(null),
  /** Number of the batch's header set that the source is fetched with. */
  headerSet: z.int().nonnegative().nullable().default(null),
  filename: z.string().nullable().default(null),
  declaredType: z.string().nullable().default(null),
  /** Without headers, which have a separate file that is removed earlier. */
  origin: originSchema.nullable().default(null),
  fault: z.union([storedErrorSchema, z.int().nonnegative()]).nullable().default(null),
  /** The wrong value or the name of the file; a fault in full has it itself. */
  value: z.string().optional(),
  /** The line of the input at which the row begins, minus the number of the row; a fault in full has the line itself. */
  below: z.int().optional(),
});
export type StoredItem = z.output<typeof storedItemSchema>;

export const headerSetsSchema = z.array(z.record(z.string(), z.string()));

/** A text that is equal for equal sources; null for a source that no other item can have. */
export function sourceKey({ origin, sha256 }: Pick<NewItem, 'origin' | 'sha256'>): string | null {
  // Cells of a workbook may show one picture.
  if (origin?.kind === 'entry') return `entry ${origin.offset} ${sha256}`;
  if (origin?.kind !== 'url') return null;
  return sha256 === null ? addressKey(origin) : `sha256 ${sha256}`;
}

/** A text that is equal for equal requests: the URL without its fragment, and the request headers. */
export function addressKey({ url, headers }: Extract<Origin, { kind: 'url' }>): string {
  return `url ${withoutFragment(url)} ${JSON.stringify(sortedEntries(headers))}`;
}

/** Whether two items of one batch get their source from the same place: the same request, or entry of an archive. */
export function sameOrigin(a: ManifestItem, b: ManifestItem): boolean {
  if (a.origin?.kind === 'entry' && b.origin?.kind === 'entry') return a.origin.offset === b.origin.offset;
  if (a.origin?.kind !== 'url' || b.origin?.kind !== 'url') return false;
  return (
    withoutFragment(a.origin.url) === withoutFragment(b.origin.url) &&
    a.origin.headerSet === b.origin.headerSet
  );
}

const withoutFragment = (url: string) => url.replace(/#.*$/s, '');

/** 8 bytes; zeros for null. */
export function keyDigest(key: string | null): Buffer {
  return key === null ? Buffer.alloc(8) : createHash('sha256').update(key).digest().subarray(0, 8);
}
