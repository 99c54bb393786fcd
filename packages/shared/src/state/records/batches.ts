import type { ErrorCode } from '@pixdock/contract/error-table';
import { STATUSES, type Status } from '@pixdock/contract/image';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import type { BatchEntry, Tombstone } from './batch-entry.js';
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

/** What was asked of a batch as a whole. */
export type BatchRequest = 'cancelRequestedAt' | 'deleteRequestedAt';

export type ItemFilter = { status: Status; code?: never } | { code: ErrorCode; status?: never };

/** Items that have no record, to be canceled or deleted without making them one. */
export interface WithoutRecord {
  status: 'canceled' | 'deleted';
  /** The place up to which the batch's items were looked at, from where the last call ended. */
  to: number;
  /** Ids of those that have no record and do not have this status yet, and how many are counted as what now. */
  imageIds: readonly string[];
  counted: Partial<Record<Status, number>>;
  /** In ms; that of the batch when this ends its last items. */
  expiresAt: number;
}

export interface BatchPage {
  batches: BatchState[];
  next: string | null;
}

export interface Batches {
  /**
   * Makes the batch's state, its invalid rows failed and all other items queued; false when it is there already.
   * @param version the lowest that its own and its items' versions may have: above all that was ever told
   */
  create(entry: BatchEntry, version: number): Promise<boolean>;
  get(id: string): Promise<BatchState | null>;
  /**
   * Cancels or deletes items that have no record; from then on the state tells their status. False, and nothing is done,
   * when the batch changed since it was read or one of the items has a record by now.
   */
  endWithoutRecord(state: BatchState, items: WithoutRecord): Promise<boolean>;
  /**
   * Replaces the state of a deleted batch that has only its entry and its tombstone in staging; false when that was done
   * before.
   * @param version above all that were ever reported of the batch or its items
   */
  bury(entry: BatchEntry, tombstone: Tombstone, version: number): Promise<boolean>;
  /** What of the batch is under way, and what waits. */
  window(state: Pick<BatchState, 'id' | 'firstVersion'>): BatchWindow;
  /** The hosts of the items under way of each of the owner's open batches, by the batch's id (empty: no host). */
  hostsUnderWay(owner: string): Promise<Map<string, string[]>>;
  /** Counts an item that took the source which the item at `place` shares; returns how many have. */
  countTaken(id: string, place: number): Promise<number>;
  /** Places of items with a status, or a failure code, from a place on, in their order. */
  places(id: string, filter: ItemFilter, from: number, count: number): Promise<number[]>;
  /** Ids of items that have a record, some of them, behind the first `from`. */
  someItems(id: string, from: number, count: number): Promise<string[]>;
  /** Takes from among those what has no record any more. */
  dropItems(id: string, imageIds: readonly string[]): Promise<void>;
  /** An owner's batches, newest first. */
  list(owner: string, cursor: string | null, limit: number): Promise<BatchPage>;
  /** Notes what is asked; false when it was asked before, or can change nothing. */
  request(id: string, what: BatchRequest): Promise<boolean>;
  /** Notes that the failures of a code, or all of them, up to now are to be tried again. */
  retry(id: string, code: ErrorCode | null): Promise<void>;
  /** Notes that they all have their next run; false when it was asked for again meanwhile. */
  retried(id: string, asked: BatchRetry): Promise<boolean>;
  /** Batches with anything left to do. */
  open(): Promise<string[]>;
  /**
   * Takes a batch from among those with something to do; false when something came up for it.
   * @param expiresAt in ms, for a batch that no item's end has told of: all were final when it was restored
   */
  close(id: string, expiresAt: number): Promise<boolean>;
  /**
   * Says that the batch is being forgotten, so that nothing can be asked of it any more, and what becomes of its items is
   * no more counted; false when it changed since it was read.
   */
  beginForgetting(state: Pick<BatchState, 'id' | 'version'>): Promise<boolean>;
  /** Notes that the accounts of the items before a place are removed from staging, while the batch is being forgotten. */
  noteAccountsDropped(state: Pick<BatchState, 'id' | 'firstVersion'>, before: number): Promise<void>;
  /** Forgets the state, not the records of the items. */
  forget(state: Pick<BatchState, 'id' | 'owner'>): Promise<void>;
  /** Takes a batch that has no state from among those that expire. */
  dropExpiry(id: string): Promise<void>;
}

/** Batches as a whole in Redis. Their counts are kept by the transition of each item. */
export function openBatches(redis: RedisConnection, prefix: string): Batches {
  const keys = recordKeys(prefix);
  const create = loadScript('create-batch');
  const request = loadScript('request');
  const answer = loadScript('answer');
  const close = loadScript('close-batch');
  const forBatch = loadScript('for-batch');
  const beginForgetting = loadScript('begin-forgetting');
  const endWithoutRecord = loadScript('end-without-record');
  const bury = loadScript('bury-batch');
  const forget = loadScript('forget');
  const openBatchesOf = loadScript('open-batches-of');

  async function ask(id: string, field: string): Promise<boolean> {
    const names = [keys.batch(id), keys.openBatches];
    return (await request(redis, names, [id, field, Date.now(), keys.changes])) === 1;
  }

  async function get(id: string): Promise<BatchState | null> {
    const fields = await redis.hgetall(keys.batch(id));
    return 'total' in fields ? parseBatchState(id, fields) : null;
  }

  return {
    get,

    async create(entry, version) {
      const { id, owner, total, invalid = 0 } = entry;
      const others = STATUSES.filter((status) => status !== 'queued');
      const fields = firstFields(entry, version);
      const names = [keys.batch(id), keys.batchesOf(owner), keys.openBatches];
      names.push(keys.expiring, keys.ofInvalidRows(id));
      names.push(...others.map((status) => keys.ofItemStatus(id, status)));
      const values = [
        id,
        fields.createdAt,
        total,
        invalid,
        'expiresAt' in fields ? (fields.expiresAt ?? '') : '',
        others.length,
        ...others,
        ...Object.entries(fields).flat(),
      ];
      return (await create(redis, names, values)) === 1;
    },

    async endWithoutRecord({ id, firstVersion, ...state }, { status, to, imageIds, counted, expiresAt }) {
      const field = status === 'canceled' ? 'canceledBefore' : 'deletedBefore';
      const names = [keys.batch(id), keys.expiring, ...imageIds.map(keys.record)];
      const values = [id, firstVersion, field, state[field], to, status, Date.now(), expiresAt, keys.changes];
      values.push(state.canceledBefore, state.deletedBefore);
      return (await endWithoutRecord(redis, names, [...values, ...Object.entries(counted).flat()])) === 1;
    },

    async bury(entry, tombstone, version) {
      const { id, owner } = entry;
      const fields = buriedFields(entry, tombstone);
      const names = [keys.batch(id), keys.batchesOf(owner), keys.openBatches, keys.expiring];
      names.push(keys.window(id), keys.pending(id), keys.taken(id));
      const expiresAt = Date.parse(tombstone.expiresAt);
      const values = [
        id,
        fields.createdAt,
        version,
        expiresAt,
        keys.changes,
        ...Object.entries(fields).flat(),
      ];
      return (await bury(redis, names, values)) === 1;
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

    request: ask,

    async retry(id, code) {
      await ask(id, retryField(code));
    },

    async retried(id, { code, before }) {
      const values = [id, retryField(code), before, Date.now(), keys.changes];
      return (await answer(redis, [keys.batch(id)], values)) === 1;
    },

    window: (state) => openBatchWindow(redis, keys, state, forBatch),

    async hostsUnderWay(owner) {
      const ids = (await openBatchesOf(redis, [keys.openBatches, keys.batchesOf(owner)], [])) as string[];
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
      return (await close(redis, names, [id, Date.now(), expiresAt])) === 1;
    },

    beginForgetting: async ({ id, version }) =>
      (await beginForgetting(redis, [keys.batch(id)], [version, Date.now()])) === 1,

    async noteAccountsDropped({ id, firstVersion }, before) {
      const key = keys.batch(id);
      await forBatch(redis, [key, key], [firstVersion, 'HSET', 'accountsDroppedBefore', before]);
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
      await forget(redis, [keys.batch(id), keys.expiring], ['', id]);
    },
  };
}
