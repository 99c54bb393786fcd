import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { type Page, readPage } from '../lists/page.js';
import { type Delivery, type DeliveryFilter, deliveryId, storedSchema } from './delivery.js';
import type { StoredEvent } from './outbox-entry.js';

/** One event for one target: at most one delivery exists for it. */
export interface Deliveries {
  /**
   * Adds a delivery that is due at once, unless it exists. Returns its id.
   * @param webhookUrl gets the event instead of the URL of the endpoint, unless it is null
   */
  add(owner: string, endpointId: string, event: StoredEvent, webhookUrl?: string | null): Promise<string>;
  get(id: string): Promise<Delivery | null>;
  /** Deliveries of an endpoint that are due, or with `all` all that are pending, earliest first. */
  due(endpointId: string, limit: number, all?: 'all'): Promise<Delivery[]>;
  /** When the next delivery of an endpoint is due, in ms; null if none is pending. */
  nextDueAt(endpointId: string): Promise<number | null>;
  save(delivery: Delivery): Promise<void>;
  /** Removes the deliveries of a deleted image or batch to its `webhookUrl`, except those that are still to be sent. */
  eraseTargets(resourceId: string): Promise<void>;
  /** Makes a delivery due at once, with ten attempts again. The earlier attempts stay listed. */
  restart(delivery: Delivery): Promise<Delivery>;
  /** A page of an owner's deliveries, newest first; it may have fewer than `limit` although more follow. */
  list(owner: string, filter: DeliveryFilter, cursor: string | null, limit: number): Promise<Page<Delivery>>;
  /** Endpoints with deliveries that are due, with their owners. */
  overdue(): Promise<{ endpointId: string; owner: string }[]>;
}

/** Longer than the attempts at a delivery take. */
const PENDING_KEPT_MS = 8 * 24 * 3600_000;
const DELIVERED_KEPT_MS = 24 * 3600_000;

export function openDeliveries(redis: RedisConnection, prefix: string): Deliveries {
  const documentOf = (id: string) => `${prefix}:delivery:${id}`;
  const dueOf = (endpointId: string) => `${prefix}:deliveries-due:${endpointId}`;
  const ofOwner = (owner: string) => `${prefix}:deliveries:${owner}`;
  const toUrlOf = (resourceId: string) => `${prefix}:deliveries-to-url:${resourceId}`;
  /** The owner of each endpoint with pending deliveries. */
  const pending = `${prefix}:deliveries-pending`;

  async function getMany(ids: readonly string[]): Promise<(Delivery | null)[]> {
    const texts = ids.length === 0 ? [] : await redis.mget(ids.map(documentOf));
    return texts.map((text) => (text === null ? null : storedSchema.parse(JSON.parse(text))));
  }

  async function get(id: string): Promise<Delivery | null> {
    return (await getMany([id]))[0] ?? null;
  }

  async function nextDueAt(endpointId: string): Promise<number | null> {
    const [, score] = await redis.zrangebyscore(dueOf(endpointId), 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1);
    return score === undefined ? null : Number(score);
  }

  async function save(delivery: Delivery): Promise<void> {
    const { id, endpointId, status, nextAttemptAt } = delivery;
    const kept = status === 'delivered' ? DELIVERED_KEPT_MS : PENDING_KEPT_MS;
    const change = redis.multi().set(documentOf(id), JSON.stringify(delivery), 'PX', kept);
    if (nextAttemptAt === null) change.zrem(dueOf(endpointId), id);
    else change.zadd(dueOf(endpointId), Date.parse(nextAttemptAt), id);
    await change.exec();
  }

  return {
    get,
    nextDueAt,

    async add(owner, endpointId, event, webhookUrl = null) {
      const id = deliveryId(endpointId, event, webhookUrl);
      const delivery: Delivery = {
        id,
        owner,
        endpointId,
        webhookUrl,
        event,
        status: 'pending',
        attempts: [],
        tries: 0,
        createdAt: isoTime(),
        nextAttemptAt: isoTime(),
      };
      // A delivery that has ended is due once more, and `due` removes it.
      const change = redis.multi();
      if (webhookUrl !== null)
        change.sadd(toUrlOf(event.data.id), id).pexpire(toUrlOf(event.data.id), PENDING_KEPT_MS);
      await change
        .set(documentOf(id), JSON.stringify(delivery), 'PX', PENDING_KEPT_MS, 'NX')
        .zadd(dueOf(endpointId), 'NX', Date.now(), id)
        .hset(pending, endpointId, owner)
        .zadd(ofOwner(owner), 'NX', Date.now(), id)
        .zremrangebyscore(ofOwner(owner), 0, Date.now() - PENDING_KEPT_MS)
        .exec();
      return id;
    },

    async due(endpointId, limit, all) {
      const until = all === undefined ? Date.now() : '+inf';
      const ids = await redis.zrangebyscore(dueOf(endpointId), 0, until, 'LIMIT', 0, limit);
      const found = await Promise.all(ids.map(get));
      const isPending = (delivery: Delivery | null | undefined) => delivery?.status === 'pending';
      const ended = ids.filter((_, i) => !isPending(found[i]));
      if (ended.length > 0) await redis.zrem(dueOf(endpointId), ...ended);
      return found.filter((delivery) => delivery !== null && isPending(delivery)) as Delivery[];
    },

    async restart(delivery) {
      const next: Delivery = { ...delivery, status: 'pending', tries: 0, nextAttemptAt: isoTime() };
      await save(next);
      await redis.hset(pending, delivery.endpointId, delivery.owner);
      return next;
    },

    list(owner, { status, endpointId, sinceMs }, cursor, limit) {
      const matches = (delivery: Delivery) =>
        (status === undefined || delivery.status === status) &&
        (endpointId === undefined || delivery.endpointId === endpointId);
      return readPage(
        { redis, key: ofOwner(owner), owner, read: getMany },
        { cursor, limit, sinceMs, matches },
      );
    },

    save,

    async eraseTargets(resourceId) {
      for (const id of await redis.smembers(toUrlOf(resourceId))) {
        const delivery = await get(id);
        if (delivery === null || delivery.status === 'pending') continue;
        await redis.multi().del(documentOf(id)).zrem(ofOwner(delivery.owner), id).exec();
      }
    },

    async overdue() {
      const found = [];
      for (const [endpointId, owner] of Object.entries(await redis.hgetall(pending))) {
        const at = await nextDueAt(endpointId);
        if (at !== null && at <= Date.now()) found.push({ endpointId, owner });
        if (at !== null) continue;
        await redis.hdel(pending, endpointId);
        // One may have been added since.
        if ((await nextDueAt(endpointId)) !== null) await redis.hset(pending, endpointId, owner);
      }
      return found;
    },
  };
}
