import type { RedisConnection } from '../../runtime/redis.js';
import { decodeCursor, encodeCursor, readIndex } from '../records/cursor.js';
import { type Delivery, type DeliveryFilter, type DeliveryPage, storedSchema } from './delivery.js';

interface Source {
  redis: RedisConnection;
  /** Key of the owner's deliveries, by creation. */
  index: string;
  documentOf: (id: string) => string;
}

/** Deliveries that a page reads at a time, and at most. */
const READ_AT_ONCE = 100;
const READ_PER_PAGE = 2000;

/** A page of an owner's deliveries, newest first; it may have fewer than `limit` although more follow. */
export async function listDeliveries(
  { redis, index, documentOf }: Source,
  { status, endpointId, sinceMs }: DeliveryFilter,
  cursor: string | null,
  limit: number,
): Promise<DeliveryPage> {
  const deliveries: Delivery[] = [];
  let after = cursor === null ? null : decodeCursor(cursor);
  for (let read = 0; read < READ_PER_PAGE; read += READ_AT_ONCE) {
    const entries = await readIndex(redis, index, after, READ_AT_ONCE, sinceMs);
    const texts = entries.length === 0 ? [] : await redis.mget(entries.map(({ id }) => documentOf(id)));
    for (const [i, entry] of entries.entries()) {
      if (deliveries.length === limit)
        return { deliveries, next: after === null ? null : encodeCursor(after) };
      after = entry;
      const text = texts[i] ?? null;
      const delivery = text === null ? null : storedSchema.parse(JSON.parse(text));
      const isWanted =
        (status === undefined || delivery?.status === status) &&
        (endpointId === undefined || delivery?.endpointId === endpointId);
      if (delivery !== null && isWanted) deliveries.push(delivery);
    }
    if (entries.length < READ_AT_ONCE) return { deliveries, next: null };
  }
  return { deliveries, next: after === null ? null : encodeCursor(after) };
}
