import type { ErrorCode } from '@pixdock/contract/error-table';
import { STATUSES, type Status } from '@pixdock/contract/image';
import { loadGuardedWrite } from '../../runtime/guarded-write.js';
import type { RedisConnection } from '../../runtime/redis.js';
import type { BatchEntry, Tombstone } from './batch-entry.js';
import { type ChangeFields, loadBatchScripts } from './batch-scripts.js';
import {
  type BatchRetry,
  type BatchState,
  buriedFields,
  firstFields,
  parseBatchState,
  retryField,
} from './batch-state.js';
import { type Cursor, decodeCursor, encodeCursor, readIndex } from './cursor.js';
import { recordKeys } from './keys.js';
import { type BatchWindow, openBatchWindow } from './window.js';

/** A request for a batch as a whole. */
export type BatchRequest = 'cancelRequestedAt' | 'deleteRequestedAt';

export type ItemFilter = { status: Status; code?: never } | { code: ErrorCode; status?: never };

/** Items without a record that are to be canceled or deleted without creating one. */
export interface WithoutRecord {
  status: 'canceled' | 'deleted';
  /** The items end at this place, exclusive. They begin where the last call with this status ended. */
  to: number;
  /** Ids that must have no record when the change is made. */
  imageIds: readonly string[];
  /** How many of the items the batch now counts under each status that changes. */
  counted: Partial<Record<Status, number>>;
  /** In ms; applies to the batch if this ends its last items. */
  expiresAt: number;
}

export interface BatchPage {
  batches: BatchState[];
  next: string | null;
}

export interface Batches {
  /**
   * Creates the batch's state, with its invalid rows failed and all other items queued; false if it exists.
   * @param version the lowest version of the batch and its items: above every version that a response has contained
   */
  create(entry: BatchEntry, version: number): Promise<boolean>;
  get(id: string): Promise<BatchState | null>;
  /**
   * Cancels or deletes items without a record; the state then determines their status. False, without a change, if the
   * batch changed since it was read or one of the items has a record now.
   */
  endWithoutRecord(state: BatchState, items: WithoutRecord): Promise<boolean>;
  /**
   * Replaces the state of a batch that has a tombstone; false if it was replaced before.
   * @param version above every version of the batch or its items that a response has contained
   */
  bury(entry: BatchEntry, tombstone: Tombstone, version: number): Promise<boolean>;
  /** The items of the batch that have a job, and those that wait for one. */
  window(state: Pick<BatchState, 'id' | 'minVersion'>): BatchWindow;
  /** The source hosts of the items with a job, by the id of each open batch of the owner (empty: no host). */
  hostsUnderWay(owner: string): Promise<Map<string, string[]>>;
  /** Counts an item that took the shared source of the item at `place`; returns how many took it. */
  countTaken(id: string, place: number): Promise<number>;
  /** Places of items with a status or an error code, in order, from a place on. */
  places(id: string, filter: ItemFilter, from: number, count: number): Promise<number[]>;
  /** Ids of some items with a record, after the first `from`. */
  someItems(id: string, from: number, count: number): Promise<string[]>;
  /** Removes ids from that list whose record is gone. */
  dropItems(id: string, imageIds: readonly string[]): Promise<void>;
  /** An owner's batches, newest first. */
  list(owner: string, cursor: string | null, limit: number): Promise<BatchPage>;
  /** Records a request; false if it was recorded before or changes nothing. */
  request(id: string, what: BatchRequest): Promise<boolean>;
  /** Requests a retry of the failures of a code, or of all, that happened until now. */
  retry(id: string, code: ErrorCode | null): Promise<void>;
  /** Removes a retry request once all of its items are queued; false if the retry was requested again. */
  retried(id: string, asked: BatchRetry): Promise<boolean>;
  /** Batches with work left. */
  open(): Promise<string[]>;
  /**
   * Closes a batch; false if it has work left.
   * @param expiresAt in ms, for a batch whose items were all final when it was restored: no transition has set its expiry
   */
  close(id: string, expiresAt: number): Promise<boolean>;
  /**
   * Begins to forget the batch: it takes no more requests and no longer counts its items. False if it changed since it was
   * read.
   */
  beginForgetting(state: Pick<BatchState, 'id' | 'version'>): Promise<boolean>;
  /** Records, while the batch is being forgotten, that the entries of the items before a place are removed from staging. */
  noteEntriesRemoved(state: Pick<BatchState, 'id' | 'minVersion'>, before: number): Promise<void>;
  /** Deletes the state, not the records of the items. */
  forget(state: Pick<BatchState, 'id' | 'owner'>): Promise<void>;
  /** Removes a batch without a state from the expiry index. */
  dropExpiry(id: string): Promise<void>;
}

/** Opens the state of all batches in Redis. The transition of each item keeps their counts. */
export function openBatches(redis: RedisConnection, prefix: string): Batches {
  const keys = recordKeys(prefix);
  const scripts = loadBatchScripts();
  const guardedWrite = loadGuardedWrite(redis);

  const changeOf = (batchId: string, field: string) =>
    ({ batchId, field, nowMs: Date.now(), channel: keys.changes }) satisfies ChangeFields;

  async function request(id: string, field: string): Promise<boolean> {
    return (
      (await scripts.requestChange(redis, [keys.batch(id), keys.openBatches], changeOf(id, field))) === 1
    );
  }

  async function get(id: string): Promise<BatchState | null> {
    const fields = await redis.hgetall(keys.batch(id));
    return 'total' in fields ? parseBatchState(id, fields) : null;
  }

  return {
    get,

    async create(entry, version) {
      const { id, owner, total, invalid = 0 } = entry;
      const statuses = STATUSES.filter((status) => status !== 'queued');
      const fields = firstFields(entry, version);
      const names = [keys.batch(id), keys.batchesOf(owner), keys.openBatches];
      names.push(keys.expiring, keys.ofInvalidRows(id));
      names.push(...statuses.map((status) => keys.ofItemStatus(id, status)));
      const created = await scripts.create(redis, names, {
        batchId: id,
        createdAt: fields.createdAt,
        total,
        invalid,
        expiresAt: 'expiresAt' in fields ? fields.expiresAt : undefined,
        statuses,
        state: Object.entries(fields).flat(),
      });
      return created === 1;
    },

    async endWithoutRecord(state, { status, to, imageIds, counted, expiresAt }) {
      const { id, minVersion, canceledBefore, deletedBefore } = state;
      const ended = await scripts.endItems(
        redis,
        [keys.batch(id), keys.expiring, ...imageIds.map(keys.record)],
        {
          batchId: id,
          status,
          nowMs: Date.now(),
          expiresAt,
          channel: keys.changes,
          minVersion,
          canceledBefore,
          deletedBefore,
          boundary: status === 'canceled' ? 'canceledBefore' : 'deletedBefore',
          to,
          counted,
        },
      );
      return ended === 1;
    },

    async bury(entry, tombstone, version) {
      const { id, owner } = entry;
      const fields = buriedFields(entry, tombstone);
      const names = [keys.batch(id), keys.batchesOf(owner), keys.openBatches, keys.expiring];
      names.push(keys.window(id), keys.pending(id), keys.taken(id));
      const buried = await scripts.bury(redis, names, {
        batchId: id,
        createdAt: fields.createdAt,
        expiresAt: Date.parse(tombstone.expiresAt),
        channel: keys.changes,
        version,
        state: Object.entries(fields).flat(),
      });
      return buried === 1;
    },

    async list(owner, cursor, limit) {
      const index = keys.batchesOf(owner);
      const batches: BatchState[] = [];
      let after: Cursor | null = cursor === null ? null : decodeCursor(cursor);
      for (;;) {
        const entries = await readIndex(redis, index, after, limit + 1);
        const found = await Promise.all(entries.map(({ id }) => get(id)));
        for (const [i, state] of found.entries()) {
          after = entries[i] ?? after;
          if (state === null || state.forgottenAt !== null) {
            await redis.zrem(index, entries[i]?.id ?? '');
            continue;
          }
          const last = batches.at(-1);
          if (batches.length === limit && last !== undefined)
            return { batches, next: encodeCursor({ score: last.createdAt, id: last.id }) };
          batches.push(state);
        }
        if (entries.length <= limit) return { batches, next: null };
      }
    },

    request,

    async retry(id, code) {
      await request(id, retryField(code));
    },

    async retried(id, { code, before }) {
      const fields = { ...changeOf(id, retryField(code)), requestedAt: before };
      return (await scripts.finishRetry(redis, [keys.batch(id)], fields)) === 1;
    },

    window: (state) => openBatchWindow(redis, keys, state, guardedWrite),

    async hostsUnderWay(owner) {
      const ids = await scripts.openBatchesOfOwner(redis, [keys.openBatches, keys.batchesOf(owner)], {});
      const hosts = await Promise.all(ids.map((id) => redis.hvals(keys.window(id))));
      return new Map(ids.map((id, i) => [id, hosts[i] ?? []]));
    },

    countTaken: (id, place) => redis.hincrby(keys.taken(id), String(place), 1),

    async places(id, filter, from, count) {
      const index =
        filter.code === undefined ? keys.ofItemStatus(id, filter.status) : keys.ofItemCode(id, filter.code);
      const flat = await redis.zrangebyscore(index, from, '+inf', 'WITHSCORES', 'LIMIT', 0, count);
      return flat.flatMap((value, i) => (i % 2 === 1 ? [Number(value)] : []));
    },

    someItems: (id, from, count) => redis.zrange(keys.ofBatch(id), String(from), String(from + count - 1)),

    async dropItems(id, imageIds) {
      if (imageIds.length > 0) await redis.zrem(keys.ofBatch(id), ...imageIds);
    },

    open: () => redis.zrange(keys.openBatches, '0', '-1'),

    async close(id, expiresAt) {
      const names = [keys.batch(id), keys.window(id), keys.pending(id), keys.taken(id)];
      names.push(keys.openBatches, keys.expiring);
      return (await scripts.close(redis, names, { batchId: id, nowMs: Date.now(), expiresAt })) === 1;
    },

    beginForgetting({ id, version }) {
      const guard = { hash: keys.batch(id), field: 'version', expected: version };
      return guardedWrite(guard, [['HSET', keys.batch(id), 'forgottenAt', Date.now()]]);
    },

    async noteEntriesRemoved({ id, minVersion }, before) {
      const guard = { hash: keys.batch(id), field: 'firstVersion', expected: minVersion };
      await guardedWrite(guard, [['HSET', keys.batch(id), 'accountsDroppedBefore', before]]);
    },

    async forget({ id, owner }) {
      await redis
        .multi()
        .del(keys.batch(id), keys.window(id), keys.pending(id), keys.taken(id))
        .zrem(keys.batchesOf(owner), id)
        .zrem(keys.openBatches, id)
        .zrem(keys.expiring, id)
        .exec();
    },

    async dropExpiry(id) {
      const guard = { hash: keys.batch(id), field: 'version', expected: '', orAbsent: true } as const;
      await guardedWrite(guard, [['ZREM', keys.expiring, id]]);
    },
  };
}
