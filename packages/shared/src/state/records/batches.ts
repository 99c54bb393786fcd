import type { ErrorCode } from '@pixdock/contract/error-table';
import { STATUSES, type Status } from '@pixdock/contract/image';
import { loadGuardedWrite } from '../../runtime/guarded-write.js';
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

type CreateFields = {
  batchId: string;
  createdAt: number;
  total: number;
  invalid: number;
  expiresAt: number | undefined;
  statuses: Status[];
  state: (string | number)[];
};
type BuryFields = {
  batchId: string;
  createdAt: number;
  expiresAt: number;
  channel: string;
  version: number;
  state: (string | number)[];
};
type EndItemsFields = {
  batchId: string;
  status: 'canceled' | 'deleted';
  nowMs: number;
  expiresAt: number;
  channel: string;
  firstVersion: number;
  canceledBefore: number;
  deletedBefore: number;
  boundary: 'canceledBefore' | 'deletedBefore';
  to: number;
  counted: Partial<Record<Status, number>>;
};
type ChangeFields = { batchId: string; field: string; nowMs: number; channel: string };
type FinishRetryFields = ChangeFields & { requestedAt: number };
type CloseFields = { batchId: string; nowMs: number; expiresAt: number };

/** Opens the state of all batches in Redis. The transition of each item keeps their counts. */
export function openBatches(redis: RedisConnection, prefix: string): Batches {
  const keys = recordKeys(prefix);
  const create = loadScript<CreateFields, 0 | 1>('create-batch');
  const bury = loadScript<BuryFields, 0 | 1>('bury-batch');
  const close = loadScript<CloseFields, 0 | 1>('close-batch');
  const endItems = loadScript<EndItemsFields, 0 | 1>('end-items-without-record');
  const requestChange = loadScript<ChangeFields, 0 | 1>('request-batch-change');
  const finishRetry = loadScript<FinishRetryFields, 0 | 1>('finish-batch-retry');
  const openBatchesOfOwner = loadScript<Record<string, never>, string[]>('open-batches-of-owner');
  const guardedWrite = loadGuardedWrite(redis);

  const changeOf = (batchId: string, field: string) =>
    ({ batchId, field, nowMs: Date.now(), channel: keys.changes }) satisfies ChangeFields;

  async function request(id: string, field: string): Promise<boolean> {
    return (await requestChange(redis, [keys.batch(id), keys.openBatches], changeOf(id, field))) === 1;
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
      const created = await create(redis, names, {
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
      const { id, firstVersion, canceledBefore, deletedBefore } = state;
      const ended = await endItems(redis, [keys.batch(id), keys.expiring, ...imageIds.map(keys.record)], {
        batchId: id,
        status,
        nowMs: Date.now(),
        expiresAt,
        channel: keys.changes,
        firstVersion,
        canceledBefore,
        deletedBefore,
        boundary: status === 'canceled' ? 'canceledBefore' : 'deletedBefore',
        to,
        counted,
      });
      return ended === 1;
    },

    async bury(entry, tombstone, version) {
      const { id, owner } = entry;
      const fields = buriedFields(entry, tombstone);
      const names = [keys.batch(id), keys.batchesOf(owner), keys.openBatches, keys.expiring];
      names.push(keys.window(id), keys.pending(id), keys.taken(id));
      const buried = await bury(redis, names, {
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
      return (await finishRetry(redis, [keys.batch(id)], fields)) === 1;
    },

    window: (state) => openBatchWindow(redis, keys, state, guardedWrite),

    async hostsUnderWay(owner) {
      const ids = await openBatchesOfOwner(redis, [keys.openBatches, keys.batchesOf(owner)], {});
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
      return (await close(redis, names, { batchId: id, nowMs: Date.now(), expiresAt })) === 1;
    },

    beginForgetting({ id, version }) {
      const guard = { hash: keys.batch(id), field: 'version', expected: version };
      return guardedWrite(guard, [['HSET', keys.batch(id), 'forgottenAt', Date.now()]]);
    },

    async noteAccountsDropped({ id, firstVersion }, before) {
      const guard = { hash: keys.batch(id), field: 'firstVersion', expected: firstVersion };
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
