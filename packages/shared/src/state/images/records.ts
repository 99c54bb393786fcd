import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import { type Epoch, nextVersion, openEpoch } from '../epoch.js';
import { failureGroupCounter } from '../failures/count-failure-groups.js';
import { failureGroupOf } from '../failures/failure-group.js';
import { loadGuardedWrite } from '../guarded-write.js';
import { queueOrder, timeOrder } from '../lists/order.js';
import { type Page, readPage } from '../lists/page.js';
import { type IndexEntry, RECORD_OVERHEAD_BYTES, recordKeys } from '../record-keys.js';
import { type ImageFilter, matchesFilter, nameSearchOf, narrowestIndex } from './image-filter.js';
import { type ImageRecord, isOpen } from './image-record.js';
import { nameOrder } from './names.js';
import { openRecordReader } from './record-reader.js';
import { recordWriter } from './record-writer.js';

export type TransitionResult =
  | { outcome: 'changed'; record: ImageRecord }
  /** The current record does not allow the change. */
  | { outcome: 'refused'; record: ImageRecord }
  | { outcome: 'missing' };

/**
 * Opens the records of all images in Redis: one document each, which only the transition script changes.
 * @param onEvent called after a change appended an entry to the outbox of webhooks
 */
export function openRecords(
  redis: RedisConnection,
  prefix: string,
  epoch: Epoch = openEpoch(redis, prefix),
  onEvent: () => void = () => {},
) {
  const keys = recordKeys(prefix);
  const write = recordWriter(redis, keys, onEvent);
  const reader = openRecordReader(redis, keys);
  const { get } = reader;
  const countFailures = failureGroupCounter(redis, keys);
  const guardedWrite = loadGuardedWrite(redis, epoch);
  const forgetRecord = loadScript<-1 | 0 | 1>('forget-record');

  return {
    ...reader,
    epoch,
    /**
     * False if the record exists.
     * @param inEpoch the only epoch in which the record may be created; given by a restore
     * @throws EpochEnded if it has ended
     */
    create: async (record: ImageRecord, inEpoch?: number) =>
      (await epoch.run((number) => write(null, record, number), inEpoch)) === 1,

    /**
     * Changes a record. `change` gets the current record and returns the new one, or null to refuse; it is called again after
     * a concurrent change. `updatedAt` is set here, and `version` above those of the current and the returned record.
     * @param known the record as last read, to save a read
     */
    async transition(
      id: string,
      change: (record: ImageRecord) => ImageRecord | null,
      known?: ImageRecord,
    ): Promise<TransitionResult> {
      let current = known ?? (await get(id));
      while (current !== null) {
        const changed = change(current);
        if (changed === null) return { outcome: 'refused', record: current };
        const before = current;
        let next = before;
        const written = await epoch.run((number) => {
          const version = nextVersion(Math.max(before.version, changed.version), number);
          next = noteFinalVersion(before, { ...changed, version, updatedAt: isoTime() });
          return write(before, next, number);
        });
        if (written === 1) return { outcome: 'changed', record: next };
        current = await get(id);
      }
      return { outcome: 'missing' };
    },

    /**
     * A page of an owner's images, newest first; in a search by a name, in the order of that name; held ones, the longest held first.
     * @param owner null for those of all owners, with `isHeld`
     */
    list(
      owner: string | null,
      filter: ImageFilter,
      cursor: string | null,
      limit: number,
    ): Promise<Page<ImageRecord>> {
      const wanted = { cursor, limit, matches: (record: ImageRecord) => matchesFilter(record, filter) };
      const index = { owner, read: reader.getMany };
      const search = nameSearchOf(filter);
      if (search !== null && owner !== null)
        return readPage({ ...index, order: nameOrder(redis, keys.ofNames(owner), search) }, wanted);
      const narrowest = narrowestIndex(keys, owner, filter);
      const order =
        filter.isHeld === true ? queueOrder(redis, narrowest) : timeOrder(redis, narrowest, filter);
      return readPage({ ...index, order }, wanted);
    },

    /** Ids of images and batches whose retention ended before `nowMs`, oldest first, without the first `skip`. */
    expired: (nowMs: number, limit: number, skip = 0) =>
      redis.zrangebyscore(keys.expiring, 0, nowMs, 'LIMIT', skip, limit),
    /** Ids of all held images, the longest held first. */
    held: (from: number, count: number) => redis.zrange(keys.held, String(from), String(from + count - 1)),
    /** The number of an owner's queued images, with those items of batches that have a record. */
    countQueued: (owner: string) => redis.zcard(keys.ofStatus(owner, 'queued')),

    /** Postpones the expiry of an image or a batch whose retention has ended. */
    async postponeExpiry(id: string, untilMs: number): Promise<void> {
      await redis.zadd(keys.expiring, 'XX', untilMs, id);
    },

    /** The owners of all records. */
    owners: () => redis.hkeys(keys.recordBytes),

    /** Ids of an owner's images whose deletion is due at `nowMs`, the longest due first. */
    dueDeletions: (owner: string, nowMs: number, limit: number) =>
      redis.zrangebyscore(keys.deletionsOf(owner), 0, nowMs, 'LIMIT', 0, limit),

    /** Makes a deletion due again at this time unless the image is deleted or kept by then. */
    async postponeDeletion(owner: string, id: string, untilMs: number): Promise<void> {
      await redis.zadd(keys.deletionsOf(owner), 'XX', untilMs, id);
    },

    /** Removes an image without a record from the expiry index. */
    async dropExpiry(id: string): Promise<void> {
      const guard = { hash: keys.record(id), field: 'version', expected: '', orAbsent: true } as const;
      await guardedWrite(guard, [['ZREM', keys.expiring, id]]);
    },

    /** Deletes the record and its index entries; false, without a change, if the record changed since it was read. */
    async forget(record: ImageRecord): Promise<boolean> {
      const { id, version, owner } = record;
      const indexes = keys.indexes(record);
      const places = [keys.expiring, ...indexes.map(([key]) => key)];
      const all = [keys.record(id), keys.epoch, keys.recordBytes, ...places];
      const entries: IndexEntry[] = [[], ...indexes.map(([, , ...entry]) => entry)];
      const fields = { id, owner, version, overhead: RECORD_OVERHEAD_BYTES, entries };
      const isForgotten =
        (await epoch.run((number) => forgetRecord(redis, all, { ...fields, epoch: number }))) === 1;
      const group = failureGroupOf(record);
      // Drops the group if this was its last image.
      if (isForgotten && group !== null) await countFailures(owner, [group]);
      return isForgotten;
    },
  };
}

export type Records = ReturnType<typeof openRecords>;

/** Notes the version in which a change makes an image final. A restored record brings its own. */
function noteFinalVersion(before: ImageRecord, after: ImageRecord): ImageRecord {
  const isNoted = after.internal.finalVersion !== before.internal.finalVersion;
  if (isOpen(after) || after.status === before.status || isNoted) return after;
  return { ...after, internal: { ...after.internal, finalVersion: after.version } };
}
