import { isoTime, nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { timeOrder } from '../lists/order.js';
import { type Page, readPage } from '../lists/page.js';
import { type Delivery, deliveryId, subjectOf } from './delivery.js';
import { openDeliveryStore } from './delivery-store.js';
import type { StoredEvent } from './outbox-entry.js';
import type { WebhookTarget } from './webhook-target.js';

/** One event for one target: at most one delivery exists for it. Redis has the event once, with its deliveries. */
export interface Deliveries {
  /** Adds a delivery for each target that is due at once, unless it exists. Returns how many were dropped for want of space. */
  add(owner: string, event: StoredEvent, targets: readonly WebhookTarget[]): Promise<number>;
  get(owner: string, id: string): Promise<Delivery | null>;
  /** Deliveries of an endpoint that are due, or with `all` all that are pending, earliest first. */
  due(owner: string, endpointId: string, limit: number, all?: 'all'): Promise<Delivery[]>;
  /** When the next delivery of an endpoint is due, in ms; null if none is pending. */
  nextDueAt(endpointId: string): Promise<number | null>;
  /** Has no effect on a delivery that was removed in the meantime. */
  save(delivery: Delivery): Promise<void>;
  /** Makes a delivery due at once, with ten attempts again. The earlier attempts stay listed. */
  restart(delivery: Delivery): Promise<Delivery>;
  /** A page of an owner's deliveries, newest first; it may have fewer than `limit` although more follow. */
  list(
    owner: string,
    wanted: WantedDeliveries,
    cursor: string | null,
    limit: number,
  ): Promise<Page<Delivery>>;
  /** Removes the deliveries of a deleted image or batch to its `webhookUrl`, except those that are still to be sent. */
  eraseTargets(owner: string, subjectId: string): Promise<void>;
  /** Removes the deliveries about an image or a batch that match, also pending ones. */
  removeAbout(owner: string, subjectId: string, matches: (delivery: Delivery) => boolean): Promise<void>;
  /** Removes what is known of a deleted endpoint. */
  removeEndpoint(owner: string, endpointId: string): Promise<void>;
  /** Removes deliveries that have been listed for long enough. */
  removeExpired(): Promise<void>;
  /** How many events were dropped for each endpoint of an owner. */
  dropped(owner: string): Promise<Record<string, number>>;
  /** Endpoints with deliveries that are due, with their owners. */
  overdue(): Promise<{ endpointId: string; owner: string }[]>;
}

export interface WantedDeliveries {
  matches?: (delivery: Delivery) => boolean;
  /** Creation, in ms. */
  sinceMs?: number;
}

/** Of the events and deliveries of one owner in Redis: about 25,000 deliveries. */
export const MAX_DELIVERY_BYTES = 16 * 1024 ** 2;
/** Removed at a time. */
const SLICE = 100;

/** @param maxBytes for tests */
export function openDeliveries(
  redis: RedisConnection,
  prefix: string,
  maxBytes = MAX_DELIVERY_BYTES,
): Deliveries {
  const store = openDeliveryStore(redis, prefix);
  const { dueOf, endedOf } = store;
  const getMany = (owner: string, ids: readonly string[]) =>
    Promise.all(ids.map((id) => store.get(owner, id)));

  async function lowestScore(index: string): Promise<number | null> {
    const [, score] = await redis.zrangebyscore(index, 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1);
    return score === undefined ? null : Number(score);
  }

  function list(
    owner: string,
    { sinceMs, ...wanted }: WantedDeliveries,
    cursor: string | null,
    limit: number,
  ): Promise<Page<Delivery>> {
    const read = (ids: readonly string[]) => getMany(owner, ids);
    const order = timeOrder(redis, store.ofOwner(owner), { sinceMs });
    return readPage({ order, owner, read }, { cursor, limit, ...wanted });
  }

  const removeMany = (owner: string, endpointId: string, ids: readonly string[]) =>
    Promise.all(ids.map((id) => store.remove({ id, owner, endpointId })));

  const some = (index: string) => redis.zrangebyscore(index, 0, '+inf', 'LIMIT', 0, SLICE);
  const expired = (endpointId: string) =>
    redis.zrangebyscore(endedOf(endpointId), 0, nowMs(), 'LIMIT', 0, SLICE);

  /** Removes some deliveries of an owner that have ended, those first that would be removed next. False without any. */
  async function removeOldest(owner: string): Promise<boolean> {
    let first: { endpointId: string; removeAt: number } | null = null;
    for (const endpointId of await redis.smembers(store.endpointsOf(owner))) {
      const removeAt = await lowestScore(endedOf(endpointId));
      if (removeAt !== null && (first === null || removeAt < first.removeAt))
        first = { endpointId, removeAt };
    }
    if (first === null) return false;
    const { endpointId } = first;
    await removeMany(owner, endpointId, await some(endedOf(endpointId)));
    return true;
  }

  async function removeAbout(
    owner: string,
    subjectId: string,
    matches: (delivery: Delivery) => boolean,
  ): Promise<void> {
    const subject = subjectOf(subjectId);
    const fields = await store.fieldsAbout(owner, subject);
    const found = await getMany(
      owner,
      fields.map((field) => `msg_${subject}${field}`),
    );
    for (const delivery of found)
      if (delivery !== null && delivery.event.data.id === subjectId && matches(delivery))
        await store.remove(delivery);
  }

  return {
    get: (owner, id) => store.get(owner, id),
    save: (delivery) => store.save(delivery),
    nextDueAt: (endpointId) => lowestScore(dueOf(endpointId)),
    list,
    removeAbout,

    async add(owner, event, targets) {
      const now = isoTime();
      const results = await Promise.all(
        targets.map(({ endpointId, url }) => {
          const id = deliveryId(event, { endpointId, url });
          const delivery: Delivery = {
            id,
            owner,
            endpointId,
            webhookUrl: url,
            event,
            status: 'pending',
            attempts: [],
            tries: 0,
            createdAt: now,
            nextAttemptAt: now,
          };
          return store.add(delivery, maxBytes);
        }),
      );
      let isFull = Math.max(...results) > maxBytes;
      while (isFull && (await removeOldest(owner)))
        isFull = Number(await redis.hget(store.bytesOf(owner), 'all')) > maxBytes;
      return results.filter((bytes) => bytes === -1).length;
    },

    async due(owner, endpointId, limit, all) {
      const until = all === undefined ? nowMs() : '+inf';
      const ids = await redis.zrangebyscore(dueOf(endpointId), 0, until, 'LIMIT', 0, limit);
      return (await getMany(owner, ids)).filter((delivery) => delivery !== null);
    },

    async restart(delivery) {
      const next: Delivery = { ...delivery, status: 'pending', tries: 0, nextAttemptAt: isoTime() };
      await store.save(next);
      return next;
    },

    eraseTargets: (owner, subjectId) =>
      removeAbout(owner, subjectId, ({ status, webhookUrl }) => status !== 'pending' && webhookUrl !== null),

    async removeEndpoint(owner, endpointId) {
      for (const key of [dueOf(endpointId), endedOf(endpointId)])
        for (let ids = await some(key); ids.length > 0; ids = await some(key))
          await removeMany(owner, endpointId, ids);
      await redis.hdel(store.droppedOf(owner), endpointId);
    },

    async removeExpired() {
      for (const [endpointId, owner] of Object.entries(await redis.hgetall(store.owners)))
        for (let ids = await expired(endpointId); ids.length > 0; ids = await expired(endpointId))
          await removeMany(owner, endpointId, ids);
    },

    async dropped(owner) {
      const counts = Object.entries(await redis.hgetall(store.droppedOf(owner)));
      return Object.fromEntries(counts.map(([endpointId, count]) => [endpointId, Number(count)]));
    },

    async overdue() {
      const found = [];
      for (const [endpointId, owner] of Object.entries(await redis.hgetall(store.owners))) {
        const at = await lowestScore(dueOf(endpointId));
        if (at !== null && at <= nowMs()) found.push({ endpointId, owner });
      }
      return found;
    },
  };
}
