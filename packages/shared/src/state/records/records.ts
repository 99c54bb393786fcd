import { isoTime } from '../../runtime/clock.js';
import { type GuardedCommand, loadGuardedWrite } from '../../runtime/guarded-write.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import { failureGroupCounter } from './count-failure-groups.js';
import { type StoredImage, storedImage } from './document.js';
import { failureGroupOf } from './failure-group.js';
import type { ImageRecord } from './image-record.js';
import { recordKeys } from './keys.js';
import { type ImageFilter, listImages, type Page } from './list.js';
import { noteFinalVersion } from './outbox-entry.js';
import { recordWriter } from './record-writer.js';

export type TransitionResult =
  | { outcome: 'changed'; record: ImageRecord }
  /** The current record does not allow the change. */
  | { outcome: 'refused'; record: ImageRecord }
  | { outcome: 'missing' };

export interface Records {
  /** False if the record exists. */
  create(record: ImageRecord): Promise<boolean>;
  get(id: string): Promise<ImageRecord | null>;
  /** Like `get`; parses the record only if the caller needs it. */
  read(id: string): Promise<StoredImage | null>;
  /** Reads many ids in their order, with one command for each 50 of them. */
  readMany(ids: readonly string[]): Promise<(StoredImage | null)[]>;
  /** The version of the record, without the rest; null without a record. */
  version(id: string): Promise<number | null>;
  /**
   * Changes a record. `change` gets the current record and returns the new one, or null to refuse; it is called again after
   * a concurrent change. `version` (above both) and `updatedAt` are set here.
   * @param known the record as last read, to save a read
   */
  transition(
    id: string,
    change: (record: ImageRecord) => ImageRecord | null,
    known?: ImageRecord,
  ): Promise<TransitionResult>;
  list(owner: string, filter: ImageFilter, cursor: string | null, limit: number): Promise<Page>;
  /** Records of many ids in their order, parsed in slices. */
  getMany(ids: readonly string[]): Promise<(ImageRecord | null)[]>;
  /** The number of an owner's queued images, with those items of batches that have a record. */
  countQueued(owner: string): Promise<number>;
  /** An owner's published images whose source has one of these digests (hex): the newest per digest and profile. */
  findBySha256(owner: string, digests: readonly string[]): Promise<ImageRecord[]>;
  /** Ids of images and batches whose retention ended before `nowMs`, oldest first, without the first `skip`. */
  expired(nowMs: number, limit: number, skip?: number): Promise<string[]>;
  /** Postpones the expiry of an image or a batch whose retention has ended. */
  postponeExpiry(id: string, untilMs: number): Promise<void>;
  /** Removes an image without a record from the expiry index. */
  dropExpiry(id: string): Promise<void>;
  /** Deletes the record and its index entries; false, without a change, if the record changed since it was read. */
  forget(record: ImageRecord): Promise<boolean>;
}

/** Images read per digest in a look-up. */
const EQUAL_SOURCES = 20;
/** Records or indexes per command, which blocks Redis for about 0.1 ms. */
const READ_AT_ONCE = 50;

type ReadFields = { command: 'HGET' | 'ZREVRANGE'; arguments: readonly (string | number)[] };

/** Opens the records of all images in Redis: one document each, which only the transition script changes. */
export function openRecords(redis: RedisConnection, prefix: string): Records {
  const keys = recordKeys(prefix);
  const write = recordWriter(redis, keys);
  const readEach = loadScript<ReadFields, unknown[]>('read-each');
  const countFailures = failureGroupCounter(redis, keys);
  const guardedWrite = loadGuardedWrite(redis);

  async function read(id: string): Promise<StoredImage | null> {
    const document = await redis.hget(keys.record(id), 'doc');
    return document === null ? null : storedImage(document);
  }

  async function readMany(ids: readonly string[]): Promise<(StoredImage | null)[]> {
    const [first, ...others] = ids;
    if (first !== undefined && others.length === 0) return [await read(first)];
    const command = { command: 'HGET', arguments: ['doc'] } as const;
    const groups = groupsOf(ids, READ_AT_ONCE).map((group) =>
      readEach(redis, group.map(keys.record), command),
    );
    const documents = (await Promise.all(groups)).flat() as (string | null)[];
    return documents.map((document) => (document === null ? null : storedImage(document)));
  }

  const get = async (id: string) => (await read(id))?.record() ?? null;

  async function getMany(ids: readonly string[]): Promise<(ImageRecord | null)[]> {
    const records: (ImageRecord | null)[] = [];
    for (const group of groupsOf(ids, READ_AT_ONCE))
      for (const stored of await readMany(group)) {
        if (isSliceOver()) await nextSlice();
        records.push(stored?.record() ?? null);
      }
    return records;
  }

  return {
    create: (record) => write(null, record),
    get,
    read,
    readMany,
    async version(id) {
      const version = await redis.hget(keys.record(id), 'version');
      return version === null ? null : Number(version);
    },
    getMany,

    async findBySha256(owner, digests) {
      const wanted = new Set(digests);
      const first = new Map<string, ImageRecord>();
      for (const group of groupsOf(digests, READ_AT_ONCE)) {
        const indexes = group.map((digest) => keys.ofSha256(owner, digest));
        const newest = { command: 'ZREVRANGE', arguments: [0, EQUAL_SOURCES - 1] } as const;
        const ids = ((await readEach(redis, indexes, newest)) as string[][]).flat();
        for (const record of await getMany(ids)) {
          if (record === null || !wanted.has(record.source.sha256 ?? '')) continue;
          const key = `${record.source.sha256} ${record.profile}`;
          if (!first.has(key)) first.set(key, record);
        }
      }
      return [...first.values()];
    },

    async transition(id, change, known) {
      let current = known ?? (await get(id));
      while (current !== null) {
        const changed = change(current);
        if (changed === null) return { outcome: 'refused', record: current };
        const version = Math.max(current.version, changed.version) + 1;
        const next = noteFinalVersion(current, { ...changed, version, updatedAt: isoTime() });
        if (await write(current, next)) return { outcome: 'changed', record: next };
        current = await get(id);
      }
      return { outcome: 'missing' };
    },

    list: (owner, filter, cursor, limit) =>
      listImages({ redis, keys, getMany }, owner, filter, cursor, limit),
    expired: (nowMs, limit, skip = 0) => redis.zrangebyscore(keys.expiring, 0, nowMs, 'LIMIT', skip, limit),
    countQueued: (owner) => redis.zcard(keys.ofStatus(owner, 'queued')),

    async postponeExpiry(id, untilMs) {
      await redis.zadd(keys.expiring, 'XX', untilMs, id);
    },

    async dropExpiry(id) {
      const guard = { hash: keys.record(id), field: 'version', expected: '', orAbsent: true } as const;
      await guardedWrite(guard, [['ZREM', keys.expiring, id]]);
    },

    async forget(record) {
      const { id, version, owner } = record;
      const guard = { hash: keys.record(id), field: 'version', expected: version, orAbsent: true } as const;
      const indexes = [keys.expiring, ...keys.indexes(record).map(([key]) => key)];
      const isForgotten = await guardedWrite(guard, [
        ['DEL', keys.record(id)],
        ...indexes.map((index): GuardedCommand => ['ZREM', index, id]),
      ]);
      const group = failureGroupOf(record);
      // Drops the group if this was its last image.
      if (isForgotten && group !== null) await countFailures(owner, [group]);
      return isForgotten;
    },
  };
}

function groupsOf<T>(all: readonly T[], size: number): T[][] {
  const groups = Math.ceil(all.length / size);
  return Array.from({ length: groups }, (_, i) => all.slice(i * size, (i + 1) * size));
}
