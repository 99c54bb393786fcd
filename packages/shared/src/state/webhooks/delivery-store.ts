import { DELIVERY_ID } from '@pixdock/contract/ids';
import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { recordKeys } from '../record-keys.js';
import { type Delivery, placeOf, storedSchema } from './delivery.js';
import { storedEventSchema } from './outbox-entry.js';

/** A failed delivery is kept for longer than all attempts at one take. */
const FAILED_KEPT_MS = 8 * 24 * 3600_000;
const DELIVERED_KEPT_MS = 24 * 3600_000;
/** Beside the text of a delivery: its entries in two indexes (280 bytes) and in the hash of its event (70). */
const OVERHEAD_BYTES = 350;

type WriteFields = {
  id: string;
  owner: string;
  endpointId: string;
  eventField: string;
  field: string;
  overhead: number;
  delivery?: string;
  dueAt?: number | undefined;
  removeAt?: number;
  event?: string;
  createdAt?: number;
  maxBytes?: number;
};

/** What names a delivery in Redis. */
type Named = Pick<Delivery, 'id' | 'owner' | 'endpointId'>;

/**
 * Deliveries in Redis: a hash for each image, batch or endpoint with its events and their deliveries, indexes, and the bytes of
 * each owner. One script makes every change.
 */
export function openDeliveryStore(redis: RedisConnection, prefix: string) {
  const aboutOf = (owner: string, subject: string) => `${prefix}:events:${owner}:${subject}`;
  const dueOf = (endpointId: string) => `${prefix}:deliveries-due:${endpointId}`;
  const ofOwner = (owner: string) => `${prefix}:deliveries:${owner}`;
  const endedOf = (endpointId: string) => `${prefix}:deliveries-ended:${endpointId}`;
  const { eventBytes: bytesOf } = recordKeys(prefix);
  const droppedOf = (owner: string) => `${prefix}:deliveries-dropped:${owner}`;
  /** The owner's endpoints with deliveries. */
  const endpointsOf = (owner: string) => `${prefix}:deliveries-endpoints:${owner}`;
  /** The owner of each endpoint with deliveries. */
  const owners = `${prefix}:deliveries-owners`;
  const script = loadScript<number, WriteFields>('write-delivery');

  /** Returns the bytes of all deliveries of the owner, or -1. */
  function write({ id, owner, endpointId }: Named, change: Partial<WriteFields> = {}): Promise<number> {
    const { subject, eventField, field } = placeOf(id);
    const ofEndpoint = [endedOf(endpointId), dueOf(endpointId)];
    const ofAll = [ofOwner(owner), bytesOf(owner), droppedOf(owner), endpointsOf(owner), owners];
    const keys = [aboutOf(owner, subject), ...ofEndpoint, ...ofAll];
    return script(redis, keys, {
      id,
      owner,
      endpointId,
      eventField,
      field,
      overhead: OVERHEAD_BYTES,
      ...change,
    });
  }

  return {
    dueOf,
    ofOwner,
    endedOf,
    bytesOf,
    droppedOf,
    endpointsOf,
    owners,

    /** The fields of the hash of a subject: events and deliveries. */
    fieldsAbout: (owner: string, subject: string) => redis.hkeys(aboutOf(owner, subject)),

    async get(owner: string, id: string): Promise<Delivery | null> {
      if (!DELIVERY_ID.test(id)) return null;
      const { subject, eventField, field } = placeOf(id);
      const [event, delivery] = await redis.hmget(aboutOf(owner, subject), eventField, field);
      if (typeof event !== 'string' || typeof delivery !== 'string') return null;
      return storedSchema.parse({
        ...JSON.parse(delivery),
        id,
        owner,
        event: storedEventSchema.parse(JSON.parse(event)),
      });
    },

    /**
     * Adds a delivery unless it exists, and its event unless that exists. Returns the bytes of all deliveries of the owner; -1 if
     * it is dropped for want of space.
     */
    add(delivery: Delivery, maxBytes: number): Promise<number> {
      const { event, createdAt } = delivery;
      const created = { event: JSON.stringify(event), createdAt: Date.parse(createdAt), maxBytes };
      return write(delivery, { ...changeOf(delivery), ...created });
    },

    /** Has no effect on a delivery that was removed in the meantime. */
    async save(delivery: Delivery): Promise<void> {
      await write(delivery, changeOf(delivery));
    },

    remove: (delivery: Named) => write(delivery),
  };
}

function changeOf({ id: _id, owner: _owner, event: _event, ...delivery }: Delivery): Partial<WriteFields> {
  const { status, nextAttemptAt } = delivery;
  return {
    delivery: JSON.stringify(delivery),
    dueAt: nextAttemptAt === null ? undefined : Date.parse(nextAttemptAt),
    removeAt: nowMs() + (status === 'delivered' ? DELIVERED_KEPT_MS : FAILED_KEPT_MS),
  };
}
