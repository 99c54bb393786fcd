import { randomBytes } from 'node:crypto';
import {
  ENDPOINT_ID,
  MAX_WEBHOOK_ENDPOINTS,
  MAX_WEBHOOK_SECRETS,
  type WebhookEventType,
} from '@pixdock/contract/webhook';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import type { Notes } from '../notes.js';
import { recordKeys } from '../record-keys.js';
import { chooseEndpoint } from './choose-endpoint.js';
import { type Endpoint, type EndpointFile, openEndpointFiles } from './endpoint-files.js';
import { newSecret } from './secrets.js';
import type { WebhookTarget } from './webhook-target.js';

const subscriptionSchema = z.object({ events: z.array(z.string()), items: z.boolean() });

/** Webhook endpoints. Each has a note in staging; Redis has the events that each wants, so that a transition can read them. */
export interface Endpoints {
  /** Null if the owner has the most endpoints already. */
  create(
    owner: string,
    wanted: { url: string; events: readonly WebhookEventType[]; items: boolean },
  ): Promise<Endpoint | null>;
  list(owner: string): Promise<Endpoint[]>;
  find(owner: string, id: string): Promise<Endpoint | null>;
  /** False if it does not exist. */
  remove(owner: string, id: string): Promise<boolean>;
  /**
   * Makes a new secret; the previous secret stays valid for a day. Null if the endpoint does not exist, `too-many` if it has the
   * most valid secrets already.
   */
  rotate(owner: string, id: string): Promise<Endpoint | 'too-many' | null>;
  /** The target of a `webhookUrl`, whose events an enabled endpoint at its origin signs; null without an endpoint. */
  targetOf(owner: string, url: string): Promise<WebhookTarget | null>;
  /** Sends the endpoint no further events. */
  disable(owner: string, id: string): Promise<void>;
  /** Ids of the owner's endpoints that want an event. */
  subscribed(owner: string, type: string, isItem: boolean): Promise<string[]>;
  /** Restores in Redis what the notes contain. */
  restore(): Promise<void>;
}

export function openEndpoints(redis: RedisConnection, prefix: string, notes: Notes): Endpoints {
  const keys = recordKeys(prefix);
  const files = openEndpointFiles(notes);
  const { find, secrets } = files;

  const subscribe = ({ owner, id, events, items }: EndpointFile) =>
    redis.hset(keys.endpointsOf(owner), id, JSON.stringify({ events, items }));

  return {
    find,
    list: (owner) => files.list(owner),

    async create(owner, { url, events, items }) {
      const id = `whe_${randomBytes(16).toString('hex')}`;
      const file = {
        id,
        owner,
        url,
        events: [...new Set(events)],
        items,
        secret: newSecret(),
        createdAt: isoTime(),
      };
      await files.write(file);
      try {
        // Count after the write, so that concurrent requests cannot exceed the limit.
        const isWithin = (await files.count(owner)) <= MAX_WEBHOOK_ENDPOINTS;
        if (isWithin) await subscribe(file);
        else await files.remove(owner, id);
        return isWithin ? { ...file, previous: [], disabledAt: null } : null;
      } catch (error) {
        await files.remove(owner, id);
        throw error;
      }
    },

    async remove(owner, id) {
      // The id comes from a URL, and is part of paths.
      if (!ENDPOINT_ID.test(id)) return false;
      const endpoint = await find(owner, id);
      // The note first: a restore would subscribe it again.
      if (endpoint !== null) await files.remove(owner, id);
      const removed = await redis.hdel(keys.endpointsOf(owner), id);
      await files.removeNote(owner, id);
      if (endpoint !== null) await secrets.remove(endpoint);
      return endpoint !== null || removed === 1;
    },

    async rotate(owner, id) {
      const endpoint = await find(owner, id);
      if (endpoint === null) return null;
      if (endpoint.previous.length + 1 >= MAX_WEBHOOK_SECRETS) return 'too-many';
      const secret = newSecret();
      await secrets.add(endpoint, secret);
      const rotated = await find(owner, id);
      // Another rotation at the same time may have made the newest one; both are valid.
      return rotated === null ? null : { ...rotated, secret };
    },

    targetOf: async (owner, url) => chooseEndpoint(await files.list(owner), url),

    async disable(owner, id) {
      await files.noteDisabled(owner, id);
      await redis.hdel(keys.endpointsOf(owner), id);
    },

    async subscribed(owner, type, isItem) {
      const all = Object.entries(await redis.hgetall(keys.endpointsOf(owner)));
      return all.flatMap(([id, text]) => {
        const { events, items } = subscriptionSchema.parse(JSON.parse(text));
        return events.includes(type) && (items || !isItem) ? [id] : [];
      });
    },

    async restore() {
      for await (const endpoint of files.enabled()) await subscribe(endpoint);
    },
  };
}
