import { z } from 'zod';
import { loadGuardedWrite } from '../../runtime/guarded-write.js';
import type { RedisConnection } from '../../runtime/redis.js';
import type { Epoch } from '../epoch.js';
import { recordKeys } from '../record-keys.js';
import { type OutboxEntry, outboxEntrySchema } from './outbox-entry.js';

/** The events that transitions have left in Redis. */
export interface Outbox {
  /**
   * Takes some new events, and some of those that were taken ten seconds ago and are still there. None while Redis is being
   * restored, since the endpoints of their owners may be missing.
   */
  take(): Promise<TakenEvent[]>;
  /**
   * Removes taken events once their deliveries are stored, unless Redis lost data since they were taken. Events that stay are
   * taken again after ten seconds.
   */
  done(ids: readonly string[]): Promise<void>;
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
const AT_ONCE = 100;
/** A relay stores the deliveries of its events in less. */
const ABANDONED_MS = 10_000;

const messagesSchema = z.array(z.tuple([z.string(), z.array(z.string()).nullable()]));
const readSchema = z.array(z.tuple([z.string(), messagesSchema])).nullable();
const claimedSchema = z.tuple([z.string(), messagesSchema]).rest(z.unknown());

export function openOutbox(redis: RedisConnection, prefix: string, epoch: Epoch): Outbox {
  const { outbox } = recordKeys(prefix);
  const guardedWrite = loadGuardedWrite(redis, epoch);
  let takenIn = -1;

  async function claim() {
    const [, abandoned] = claimedSchema.parse(
      await redis.xautoclaim(outbox, GROUP, GROUP, ABANDONED_MS, '0', 'COUNT', AT_ONCE),
    );
    const read = await redis.xreadgroup('GROUP', GROUP, GROUP, 'COUNT', AT_ONCE, 'STREAMS', outbox, '>');
    return [...abandoned, ...(readSchema.parse(read)?.[0]?.[1] ?? [])];
  }

  return {
    async take() {
      if ((await redis.xlen(outbox)) === 0) return [];
      const { number, isRestored } = await epoch.current();
      if (!isRestored) return [];
      takenIn = number;
      try {
        return (await claim()).map(([id, fields]) => ({
          id,
          addedAt: Number.parseInt(id, 10),
          entry: parse(fields),
        }));
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOGROUP'))) throw error;
        await redis.xgroup('CREATE', outbox, GROUP, '0').catch(unlessItExists);
        return [];
      }
    },

    async done(ids) {
      if (ids.length === 0) return;
      // A Redis that went back to an earlier state may give the id of a lost event to a new one.
      await guardedWrite({ hash: epoch.key, field: 'number', expected: takenIn }, [
        ['XACK', outbox, GROUP, ...ids],
        ['XDEL', outbox, ...ids],
      ]);
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
