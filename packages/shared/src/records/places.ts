import { BATCH_ID } from '../contract/batch.js';
import { IMAGE_ID } from '../contract/image.js';
import type { RedisConnection } from '../redis.js';

/** Where something stands in an index by time. */
export interface Place {
  /** Creation time in ms; items of one batch differ in its fraction. */
  score: number;
  id: string;
}

/** Null when the cursor is none that we gave out. */
export function decodePlace(cursor: string): Place | null {
  const [score, id] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  const isId = IMAGE_ID.test(id ?? '') || BATCH_ID.test(id ?? '');
  return /^\d{1,16}(\.\d{1,16})?$/.test(score ?? '') && isId ? { score: Number(score), id: id ?? '' } : null;
}

export function encodePlace({ score, id }: Place): string {
  return Buffer.from(`${score} ${id}`, 'latin1').toString('base64url');
}

/**
 * What comes after a place, newest first. Redis orders equal scores by member, so after (score, id) come lower ids of
 * that score, then lower scores.
 */
export async function readPlaces(
  redis: RedisConnection,
  index: string,
  after: Place | null,
  count: number,
): Promise<Place[]> {
  const places: Place[] = [];
  // The place itself is read once more.
  const size = after === null ? count : count + 1;
  for (let offset = 0; places.length < count; offset += size) {
    const max = after === null ? '+inf' : after.score;
    const flat = await redis.zrevrangebyscore(index, max, 0, 'WITHSCORES', 'LIMIT', offset, size);
    const read = pairs(flat);
    places.push(...read.filter(({ score, id }) => after === null || score < after.score || id < after.id));
    if (read.length < size) break;
  }
  return places.slice(0, count);
}

function pairs(flat: string[]): Place[] {
  const places: Place[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) places.push({ id: flat[i] ?? '', score: Number(flat[i + 1]) });
  return places;
}
