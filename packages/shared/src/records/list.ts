import { IMAGE_ID, type ImageRecord, type Status } from '../contract/image.js';
import type { RedisConnection } from '../redis.js';
import type { RecordKeys } from './keys.js';

export interface ImageFilter {
  status?: Status | undefined;
  batchId?: string | undefined;
  externalId?: string | undefined;
}

export interface Page {
  records: ImageRecord[];
  /** Where the next page begins; null at the end. */
  next: string | null;
}

interface Source {
  redis: RedisConnection;
  keys: RecordKeys;
  get(id: string): Promise<ImageRecord | null>;
}

/** An owner's images, newest first, from the narrowest index that the filter allows. */
export async function listImages(
  source: Source,
  owner: string,
  filter: ImageFilter,
  cursor: string | null,
  limit: number,
): Promise<Page> {
  const index = narrowestIndex(source.keys, owner, filter);
  const records: ImageRecord[] = [];
  let from = cursor === null ? null : decodeCursor(cursor);
  for (;;) {
    const places = await readPlaces(source.redis, index, from, limit + 1);
    const found = await Promise.all(places.map(({ id }) => source.get(id)));
    for (const [i, record] of found.entries()) {
      from = places[i] ?? from;
      if (record === null) await source.redis.zrem(index, places[i]?.id ?? '');
      if (record === null || !matches(record, owner, filter)) continue;
      if (records.length === limit) return { records, next: encodeCursor(records[limit - 1]) };
      records.push(record);
    }
    if (places.length <= limit) return { records, next: null };
  }
}

/** Null when the cursor is none that we gave out. */
export function decodeCursor(cursor: string): Place | null {
  const [score, id] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  return /^\d{1,16}$/.test(score ?? '') && IMAGE_ID.test(id ?? '')
    ? { score: Number(score), id: id ?? '' }
    : null;
}

function encodeCursor(record: ImageRecord | undefined): string | null {
  if (record === undefined) return null;
  return Buffer.from(`${Date.parse(record.createdAt)} ${record.id}`, 'latin1').toString('base64url');
}

interface Place {
  /** Creation time in ms. */
  score: number;
  id: string;
}

function narrowestIndex(keys: RecordKeys, owner: string, filter: ImageFilter): string {
  if (filter.externalId !== undefined) return keys.ofExternalId(owner, filter.externalId);
  if (filter.batchId !== undefined) return keys.ofBatch(filter.batchId);
  return filter.status === undefined ? keys.ofOwner(owner) : keys.ofStatus(owner, filter.status);
}

function matches(record: ImageRecord, owner: string, filter: ImageFilter): boolean {
  if (record.owner !== owner) return false;
  if (filter.status !== undefined && record.status !== filter.status) return false;
  if (filter.externalId !== undefined && record.externalId !== filter.externalId) return false;
  return filter.batchId === undefined || record.batchId === filter.batchId;
}

// Redis orders equal scores by member, so after (score, id) come lower ids of that score, then lower scores.
async function readPlaces(
  redis: RedisConnection,
  index: string,
  after: Place | null,
  count: number,
): Promise<Place[]> {
  const places: Place[] = [];
  for (let offset = 0; places.length < count; offset += count) {
    const max = after === null ? '+inf' : after.score;
    const flat = await redis.zrevrangebyscore(index, max, 0, 'WITHSCORES', 'LIMIT', offset, count);
    const read = pairs(flat);
    places.push(...read.filter(({ score, id }) => after === null || score < after.score || id < after.id));
    if (read.length < count) break;
  }
  return places.slice(0, count);
}

function pairs(flat: string[]): Place[] {
  const places: Place[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) places.push({ id: flat[i] ?? '', score: Number(flat[i + 1]) });
  return places;
}
