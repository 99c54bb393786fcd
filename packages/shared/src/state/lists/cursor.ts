import { BATCH_ID, DELIVERY_ID, IMAGE_ID } from '@pixdock/contract/ids';
import type { RedisConnection } from '../../runtime/redis.js';

/** A position in an index by time. */
export interface Cursor {
  /** Creation time in ms; items of one batch differ in its fraction. */
  score: number;
  id: string;
}

/** Null for a cursor that no response has contained. */
export function decodeCursor(cursor: string): Cursor | null {
  const [score, id] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  const isId = [IMAGE_ID, BATCH_ID, DELIVERY_ID].some((pattern) => pattern.test(id ?? ''));
  return /^\d{1,16}(\.\d{1,16})?$/.test(score ?? '') && isId ? { score: Number(score), id: id ?? '' } : null;
}

export function encodeCursor({ score, id }: Cursor): string {
  return Buffer.from(`${score} ${id}`, 'latin1').toString('base64url');
}

/**
 * Reads the entries after a cursor, newest first, down to a score, or oldest first. Redis orders equal scores by member: after (score, id)
 * come lower ids with that score, then lower scores.
 */
export async function readIndex(
  redis: RedisConnection,
  index: string,
  after: Cursor | null,
  count: number,
  { minScore = 0, oldestFirst = false } = {},
): Promise<Cursor[]> {
  const entries: Cursor[] = [];
  // The read begins with the entry at the cursor.
  const size = after === null ? count : count + 1;
  for (let offset = 0; entries.length < count; offset += size) {
    const page = ['WITHSCORES', 'LIMIT', offset, size] as const;
    const read = pairs(
      oldestFirst
        ? await redis.zrangebyscore(index, after?.score ?? minScore, '+inf', ...page)
        : await redis.zrevrangebyscore(index, after?.score ?? '+inf', minScore, ...page),
    );
    const isAfter = ({ score, id }: Cursor, { score: last, id: lastId }: Cursor) =>
      oldestFirst ? score > last || id > lastId : score < last || id < lastId;
    entries.push(...read.filter((entry) => after === null || isAfter(entry, after)));
    if (read.length < size) break;
  }
  return entries.slice(0, count);
}

function pairs(flat: string[]): Cursor[] {
  const entries: Cursor[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2)
    entries.push({ id: flat[i] ?? '', score: Number(flat[i + 1]) });
  return entries;
}
