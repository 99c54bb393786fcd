import { createHash } from 'node:crypto';
import { type WebhookEvent, webhookEventSchema } from '@pixdock/contract/webhook';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';

const attemptSchema = z.object({
  at: z.iso.datetime(),
  /** Null if no response arrived. */
  status: z.int().nullable(),
  /** Why no response arrived. */
  error: z.string().nullable(),
  latencyMs: z.int(),
});
export type DeliveryAttempt = z.output<typeof attemptSchema>;

const deliverySchema = z.object({
  id: z.string(),
  owner: z.string(),
  endpointId: z.string(),
  event: webhookEventSchema,
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.array(attemptSchema),
  createdAt: z.iso.datetime(),
  nextAttemptAt: z.iso.datetime().nullable(),
});
export type Delivery = z.output<typeof deliverySchema>;

/** One event for one endpoint: at most one delivery exists for it. */
export interface Deliveries {
  /** Adds a delivery that is due at once, unless it exists. Returns its id. */
  add(owner: string, endpointId: string, event: WebhookEvent): Promise<string>;
  get(id: string): Promise<Delivery | null>;
  /** Deliveries of an endpoint that are due, or with `all` all that are pending, earliest first. */
  due(endpointId: string, limit: number, all?: 'all'): Promise<Delivery[]>;
  /** When the next delivery of an endpoint is due, in ms; null if none is pending. */
  nextDueAt(endpointId: string): Promise<number | null>;
  save(delivery: Delivery): Promise<void>;
  /** Endpoints with deliveries that are due, with their owners. */
  overdue(): Promise<{ endpointId: string; owner: string }[]>;
}

/** Longer than the attempts at a delivery take. */
const PENDING_KEPT_MS = 8 * 24 * 3600_000;
const DELIVERED_KEPT_MS = 24 * 3600_000;

/** The id of an event for an endpoint, the same for all attempts and after a restore. */
export function deliveryId(endpointId: string, { type, data }: WebhookEvent): string {
  const digest = createHash('sha256')
    .update(`${type} ${data.id} ${data.version} ${endpointId}`)
    .digest('hex');
  return `msg_${digest.slice(0, 32)}`;
}

export function openDeliveries(redis: RedisConnection, prefix: string): Deliveries {
  const documentOf = (id: string) => `${prefix}:delivery:${id}`;
  const dueOf = (endpointId: string) => `${prefix}:deliveries-due:${endpointId}`;
  /** The owner of each endpoint with pending deliveries. */
  const pending = `${prefix}:deliveries-pending`;

  async function get(id: string): Promise<Delivery | null> {
    const text = await redis.get(documentOf(id));
    return text === null ? null : deliverySchema.parse(JSON.parse(text));
  }

  async function nextDueAt(endpointId: string): Promise<number | null> {
    const [, score] = await redis.zrangebyscore(dueOf(endpointId), 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1);
    return score === undefined ? null : Number(score);
  }

  return {
    get,
    nextDueAt,

    async add(owner, endpointId, event) {
      const id = deliveryId(endpointId, event);
      const delivery: Delivery = {
        id,
        owner,
        endpointId,
        event,
        status: 'pending',
        attempts: [],
        createdAt: isoTime(),
        nextAttemptAt: isoTime(),
      };
      // A delivery that has ended is due once more, and `due` removes it.
      await redis
        .multi()
        .set(documentOf(id), JSON.stringify(delivery), 'PX', PENDING_KEPT_MS, 'NX')
        .zadd(dueOf(endpointId), 'NX', Date.now(), id)
        .hset(pending, endpointId, owner)
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

    async save(delivery) {
      const { id, endpointId, status, nextAttemptAt } = delivery;
      const kept = status === 'delivered' ? DELIVERED_KEPT_MS : PENDING_KEPT_MS;
      const change = redis.multi().set(documentOf(id), JSON.stringify(delivery), 'PX', kept);
      if (nextAttemptAt === null) change.zrem(dueOf(endpointId), id);
      else change.zadd(dueOf(endpointId), Date.parse(nextAttemptAt), id);
      await change.exec();
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
