import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ENDPOINT_ID,
  MAX_WEBHOOK_ENDPOINTS,
  MAX_WEBHOOK_SECRETS,
  WEBHOOK_EVENTS,
  type WebhookEventType,
} from '@pixdock/contract/webhook';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { addDurably, readIfThere, removeFile, writeDurably } from '../files/durable.js';
import type { StagingLayout } from '../files/layout.js';
import { recordKeys } from '../records/keys.js';
import type { WebhookTarget } from '../records/webhook-target.js';
import { newSecret, openSecrets, type Secrets } from './secrets.js';

const fileSchema = z.object({
  id: z.string(),
  owner: z.string(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  items: z.boolean(),
  secret: z.string(),
  createdAt: z.iso.datetime(),
});

/** An endpoint with its secrets. */
export type Endpoint = z.output<typeof fileSchema> & Secrets & { disabledAt: string | null };

const subscriptionSchema = z.object({ events: z.array(z.string()), items: z.boolean() });

/** Webhook endpoints. Each has a file in staging; Redis has the events that each wants, so that a transition can read them. */
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
  /**
   * The target of a `webhookUrl`, whose events an enabled endpoint at its origin signs. If there are several, it is the endpoint
   * whose URL shares the longest beginning with it. Null without an endpoint.
   */
  targetOf(owner: string, url: string): Promise<WebhookTarget | null>;
  /** Sends the endpoint no further events. */
  disable(owner: string, id: string): Promise<void>;
  /** Ids of the owner's endpoints that want an event. */
  subscribed(owner: string, type: string, isItem: boolean): Promise<string[]>;
  /** Restores in Redis what the files contain. */
  restore(): Promise<void>;
}

export function openEndpoints(redis: RedisConnection, prefix: string, layout: StagingLayout): Endpoints {
  const keys = recordKeys(prefix);
  const fileOf = (owner: string, id: string) => join(layout.endpointsOf(owner), `${id}.json`);
  const noteOf = (owner: string, id: string) => join(layout.endpointsOf(owner), `${id}.disabled`);
  const secrets = openSecrets((owner, id) => join(layout.endpointsOf(owner), `${id}.secrets`));

  async function find(owner: string, id: string): Promise<Endpoint | null> {
    if (!ENDPOINT_ID.test(id)) return null;
    const text = await readIfThere(fileOf(owner, id));
    if (text === null) return null;
    const disabledAt = await readIfThere(noteOf(owner, id));
    const file = fileSchema.parse(JSON.parse(text));
    return { ...file, ...(await secrets.of(file)), disabledAt };
  }

  async function list(owner: string): Promise<Endpoint[]> {
    const found = await Promise.all((await idsIn(layout.endpointsOf(owner))).map((id) => find(owner, id)));
    return found
      .filter((endpoint) => endpoint !== null)
      .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  const subscribe = ({ owner, id, events, items }: Pick<Endpoint, 'owner' | 'id' | 'events' | 'items'>) =>
    redis.hset(keys.endpointsOf(owner), id, JSON.stringify({ events, items }));

  async function remove(owner: string, id: string): Promise<boolean> {
    const endpoint = await find(owner, id);
    // The file first: a restore would subscribe it again.
    if (endpoint !== null) await removeFile(fileOf(owner, id));
    const left = await redis.hdel(keys.endpointsOf(owner), id);
    await removeFile(noteOf(owner, id));
    if (endpoint !== null) await secrets.remove(endpoint);
    return endpoint !== null || left === 1;
  }

  return {
    find,
    list,
    remove,

    async create(owner, { url, events, items }) {
      const file = {
        id: `whe_${randomBytes(16).toString('hex')}`,
        owner,
        url,
        events: [...new Set(events)],
        items,
        secret: newSecret(),
        createdAt: isoTime(),
      };
      const endpoint: Endpoint = { ...file, previous: [], disabledAt: null };
      await writeDurably(fileOf(owner, endpoint.id), JSON.stringify(file));
      try {
        // Count after the write, so that concurrent requests cannot exceed the limit.
        const isWithin = (await idsIn(layout.endpointsOf(owner))).length <= MAX_WEBHOOK_ENDPOINTS;
        if (isWithin) await subscribe(endpoint);
        else await rm(fileOf(owner, endpoint.id));
        return isWithin ? endpoint : null;
      } catch (error) {
        await removeFile(fileOf(owner, endpoint.id));
        throw error;
      }
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

    async targetOf(owner, url) {
      const { href, origin } = new URL(url);
      const [first, ...others] = (await list(owner)).filter(
        (endpoint) => endpoint.disabledAt === null && new URL(endpoint.url).origin === origin,
      );
      if (first === undefined) return null;
      const common = (endpoint: Endpoint) => commonLength(endpoint.url, href);
      const found = others.reduce((best, one) => (common(one) > common(best) ? one : best), first);
      return { endpointId: found.id, url: found.url === href ? null : href };
    },

    async disable(owner, id) {
      await addDurably(noteOf(owner, id), isoTime());
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
      for (const folder of await namesIn(layout.webhooks))
        for (const id of await idsIn(join(layout.webhooks, folder))) {
          const text = await readIfThere(join(layout.webhooks, folder, `${id}.json`));
          const isDisabled = (await readIfThere(join(layout.webhooks, folder, `${id}.disabled`))) !== null;
          if (text !== null && !isDisabled) await subscribe(fileSchema.parse(JSON.parse(text)));
        }
    },
  };
}

/** The number of characters with which both texts begin. */
function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

async function idsIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
