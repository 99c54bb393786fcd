import type { ImageRecord, Status } from '../contract/image.js';
import type { RedisConnection } from '../redis.js';
import type { RecordKeys } from './keys.js';
import { decodePlace, encodePlace, type Place, readPlaces } from './places.js';

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
  let from = cursor === null ? null : decodePlace(cursor);
  let last: Place | null = null;
  for (;;) {
    const places = await readPlaces(source.redis, index, from, limit + 1);
    const found = await Promise.all(places.map(({ id }) => source.get(id)));
    for (const [i, record] of found.entries()) {
      from = places[i] ?? from;
      if (record === null) await source.redis.zrem(index, places[i]?.id ?? '');
      if (record === null || !matches(record, owner, filter)) continue;
      if (records.length === limit && last !== null) return { records, next: encodePlace(last) };
      records.push(record);
      last = from;
    }
    if (places.length <= limit) return { records, next: null };
  }
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
