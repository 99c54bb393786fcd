import type { AiLabelFilter } from '@pixdock/contract/ai-label';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Status } from '@pixdock/contract/image';
import type { RedisConnection } from '../../runtime/redis.js';
import { type Cursor, decodeCursor, encodeCursor, readIndex } from './cursor.js';
import type { ImageRecord } from './image-record.js';
import type { RecordKeys } from './keys.js';

export interface ImageFilter {
  status?: Status | undefined;
  batchId?: string | undefined;
  externalId?: string | undefined;
  aiLabel?: AiLabelFilter | undefined;
  /** The code of the image's error. */
  code?: ErrorCode | undefined;
  /** Creation, in ms. */
  sinceMs?: number | undefined;
  /** Creation before this time, in ms. */
  untilMs?: number | undefined;
}

export interface Page {
  records: ImageRecord[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

interface Source {
  redis: RedisConnection;
  keys: RecordKeys;
  getMany(ids: readonly string[]): Promise<(ImageRecord | null)[]>;
}

/** Entries per read after the first, which has not filled the page: matches are rare. */
const ROUND = 200;
/** Entries read for one page: ten reads, a fraction of a second. */
const MAX_READ = 2000;

/**
 * Lists an owner's images, newest first, from the narrowest index that the filter allows. If few images match, a page may
 * have fewer than `limit` of them, even none, although there is a next page.
 */
export async function listImages(
  source: Source,
  owner: string,
  filter: ImageFilter,
  cursor: string | null,
  limit: number,
): Promise<Page> {
  const { redis } = source;
  const index = narrowestIndex(source.keys, owner, filter);
  const records: ImageRecord[] = [];
  let from = cursor === null ? firstPosition(filter) : decodeCursor(cursor);
  let last: Cursor | null = null;
  let count = limit + 1;
  for (let read = 0; read < MAX_READ; read += count, count = Math.max(count, ROUND)) {
    const entries = await readIndex(redis, index, from, count, filter.sinceMs);
    const found = await source.getMany(entries.map(({ id }) => id));
    const gone = entries.filter((_, i) => found[i] === null);
    if (gone.length > 0) await redis.zrem(index, ...gone.map(({ id }) => id));
    for (const [i, record] of found.entries()) {
      from = entries[i] ?? from;
      if (record === null) continue;
      // The batch of another owner: a cursor would reveal that it exists.
      if (record.owner !== owner) return { records: [], next: null };
      if (!matchesFilter(record, filter)) continue;
      if (records.length === limit && last !== null) return { records, next: encodeCursor(last) };
      records.push(record);
      last = from;
    }
    if (entries.length < count) return { records, next: null };
  }
  return { records, next: from === null ? null : encodeCursor(from) };
}

/** Whether no image can match, so that a page would read thousands of entries for nothing. */
export function excludesAll({
  status,
  code,
  sinceMs = 0,
  untilMs = Number.POSITIVE_INFINITY,
}: ImageFilter): boolean {
  if (sinceMs >= untilMs) return true;
  if (status === undefined || code === undefined || status === 'deleted') return false;
  return status !== statusOf(code);
}

/** The status of images with an error code. A deleted image keeps its error. */
export const statusOf = (code: ErrorCode): Status => (code === 'canceled' ? 'canceled' : 'failed');

/** Before the newest entry that the filter allows; null before all entries. */
function firstPosition({ untilMs }: ImageFilter): Cursor | null {
  return untilMs === undefined ? null : { score: Math.max(0, untilMs), id: '' };
}

function narrowestIndex(keys: RecordKeys, owner: string, filter: ImageFilter): string {
  if (filter.externalId !== undefined) return keys.ofExternalId(owner, filter.externalId);
  if (filter.batchId !== undefined) return keys.ofBatch(filter.batchId);
  if (filter.aiLabel !== undefined) return keys.ofAiLabels(owner);
  return filter.status === undefined ? keys.ofOwner(owner) : keys.ofStatus(owner, filter.status);
}

export function matchesFilter(record: ImageRecord, filter: ImageFilter): boolean {
  if (filter.status !== undefined && record.status !== filter.status) return false;
  if (filter.externalId !== undefined && record.externalId !== filter.externalId) return false;
  if (!hasLabel(record, filter.aiLabel)) return false;
  if (filter.code !== undefined && record.error?.code !== filter.code) return false;
  if (!isCreatedWithin(Date.parse(record.createdAt), filter)) return false;
  return filter.batchId === undefined || record.batchId === filter.batchId;
}

export function isCreatedWithin(
  createdMs: number,
  { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY }: Pick<ImageFilter, 'sinceMs' | 'untilMs'>,
): boolean {
  return createdMs >= sinceMs && createdMs < untilMs;
}

/** Whether the image's source has the wanted label; true without a wanted label. */
function hasLabel({ receipt }: ImageRecord, wanted: AiLabelFilter | undefined): boolean {
  if (wanted === undefined) return true;
  const label = receipt?.aiLabel?.label;
  return wanted === 'any' ? label !== undefined : label === wanted;
}
