import { z } from 'zod';
import type { RedisConnection } from '../../runtime/redis.js';
import type { Epoch } from '../epoch.js';
import { loadGuardedWrite } from '../guarded-write.js';
import { recordKeys } from '../record-keys.js';
import { type OutboxEntry, outboxEntrySchema } from './outbox-entry.js';

/** The events that transitions have left in Redis, for each owner apart. */
export interface Outbox {
  /**
   * Owners with events, and the epoch in which they are taken. No owners while Redis is being restored, since their endpoints may be
   * missing.
   */
  owners(): Promise<{ owners: string[]; epoch: number }>;
  /** Takes some new events of an owner, and some of those that were taken ten seconds ago and are still there. */
  take(owner: string): Promise<TakenEvent[]>;
  /**
   * Removes taken events once their deliveries are stored, unless Redis lost data since they were taken. Events that stay are
   * taken again after ten seconds.
   * @param takenIn the epoch in which they were taken
   */
  done(owner: string, ids: readonly string[], takenIn: number): Promise<void>;
}

export interface TakenEvent {
  /** Id in the stream. */
  id: string;
  /** When it was added, in ms of Redis' clock. */
  addedAt: number;
  /** Null if this version cannot read it. */
  entry: OutboxEntry | null;
}

const GROUP = 'relay';
/** With ten endpoints, the deliveries of so many events are one burst of 80 commands: about 20 ms. Other owners wait for them. */
const AT_ONCE = 8;
/** A relay stores the deliveries of its events in less. */
const ABANDONED_MS = 10_000;

const messagesSchema = z.array(z.tuple([z.string(), z.array(z.string()).nullable()]));
const readSchema = z.array(z.tuple([z.string(), messagesSchema])).nullable();
const claimedSchema = z.tuple([z.string(), messagesSchema]).rest(z.unknown());

export function openOutbox(redis: RedisConnection, prefix: string, epoch: Epoch): Outbox {
  const { outboxOf, outboxes } = recordKeys(prefix);
  const guardedWrite = loadGuardedWrite(redis, epoch);

  async function claim(outbox: string) {
    const [, abandoned] = claimedSchema.parse(
      await redis.xautoclaim(outbox, GROUP, GROUP, ABANDONED_MS, '0', 'COUNT', AT_ONCE),
    );
    const read = await redis.xreadgroup('GROUP', GROUP, GROUP, 'COUNT', AT_ONCE, 'STREAMS', outbox, '>');
    return [...abandoned, ...(readSchema.parse(read)?.[0]?.[1] ?? [])];
  }

  return {
    async owners() {
      const owners = await redis.smembers(outboxes);
      if (owners.length === 0) return { owners, epoch: epoch.known.number };
      const { number, isRestored } = await epoch.current();
      return { owners: isRestored ? owners : [], epoch: number };
    },

    async take(owner) {
      const outbox = outboxOf(owner);
      await redis.xgroup('CREATE', outbox, GROUP, '0', 'MKSTREAM').catch(unlessItExists);
      return (await claim(outbox)).map(([id, fields]) => ({
        id,
        addedAt: Number.parseInt(id, 10),
        entry: parse(fields),
      }));
    },

    async done(owner, ids, takenIn) {
      const outbox = outboxOf(owner);
      // A Redis that went back to an earlier state may give the id of a lost event to a new one.
      if (ids.length > 0)
        await guardedWrite({ hash: epoch.key, field: 'number', expected: takenIn }, [
          ['XACK', outbox, GROUP, ...ids],
          ['XDEL', outbox, ...ids],
        ]);
      if ((await redis.xlen(outbox)) > 0) return;
      await redis.srem(outboxes, owner);
      // One may have been added since.
      if ((await redis.xlen(outbox)) > 0) await redis.sadd(outboxes, owner);
    },
  };
}

function parse(fields: string[] | null): OutboxEntry | null {
  try {
    return outboxEntrySchema.parse(JSON.parse(fields?.[1] ?? ''));
  } catch {
    return null;
  }
}

function unlessItExists(error: Error): void {
  if (!error.message.startsWith('BUSYGROUP')) throw error;
}
