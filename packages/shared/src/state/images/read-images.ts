import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import type { BatchState } from '../batches/batch-state.js';
import type { Batches } from '../batches/batches.js';
import { itemWithoutRecord, newItemRecord } from '../batches/new-item-record.js';
import { type Epoch, lastVersionIn, nextVersion } from '../epoch.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Staging } from '../staging.js';
import { type ImageRecord, isDeleted, isOpen } from './image-record.js';
import type { Records } from './records.js';
import { restoreRecord, stagedIfNewer } from './restored-record.js';
import { requestDelete } from './transitions.js';

interface Parts {
  records: Records;
  batches: Pick<Batches, 'get' | 'inRedis'>;
  staging: Staging;
}

/**
 * Begins the epoch of a loss of Redis that no process has noticed. True until everything is restored: until then, Redis may lack
 * an image, or have an earlier state of it.
 * @param version just read from Redis: one of a later epoch means that this process has missed a loss
 */
export async function noticeLoss(epoch: Epoch, version = 1): Promise<boolean> {
  const isKnown = epoch.known.isRestored && version <= lastVersionIn(epoch.known.number);
  return !isKnown && !(await epoch.current()).isRestored;
}

/** Reads images, and changes none. */
export function openImageReads({ records, batches, staging }: Parts) {
  const { epoch } = records;

  /** The item at a place that has no record, from its row and the state of its batch. */
  async function itemAt(manifest: Manifest, place: number, state: BatchState): Promise<ImageRecord> {
    const item = newItemRecord(manifest.entry, place, await manifest.item(place), state.minVersion);
    return itemWithoutRecord(item, manifest.entry, state);
  }

  /** @param hasAll whether Redis has all records, so that staging need not be asked */
  async function withoutRecord(manifest: Manifest, place: number, state: BatchState, hasAll: boolean) {
    const entry = hasAll || place < state.deletedBefore ? null : await staging.ownEntry(manifest.id(place));
    return entry === null ? itemAt(manifest, place, state) : restoreRecord(entry.record, epoch.known.number);
  }

  async function inStaging(id: string): Promise<ImageRecord | null> {
    const entry = await staging.entry(id);
    if (entry === null) return null;
    const { number } = await epoch.current();
    const { batchId, internal } = entry.record;
    if (batchId === null) return restoreRecord(entry.record, number);
    const state = await batches.get(batchId);
    const manifest = await staging.batches.open(batchId);
    if (state === null || manifest === null || state.forgottenAt !== null) return null;
    const isDeletedWithBatch = (internal.place ?? 0) < state.deletedBefore;
    if (!isDeletedWithBatch && (await staging.ownEntry(id)) !== null)
      return restoreRecord(entry.record, number);
    const row = isDeletedWithBatch ? (await staging.batches.entryOf(id))?.record : entry.record;
    return row === undefined ? null : itemWithoutRecord(row, manifest.entry, state);
  }

  /** Staging has what Redis may have lost: a later state, or a requested deletion. */
  async function newestOf(record: ImageRecord): Promise<ImageRecord> {
    const staged = (await staging.entry(record.id))?.record;
    if (staged === undefined) return record;
    const newest = stagedIfNewer(record, staged) ?? record;
    const isDeleting = staged.deleteRequestedAt !== null && !isDeleted(newest);
    const changed = (isDeleting ? requestDelete(newest) : null) ?? newest;
    if (changed === record) return record;
    const version = nextVersion(Math.max(record.version, newest.version), epoch.known.number);
    return { ...changed, version };
  }

  return {
    /** Whether Redis has all images again since its last loss, so that lists, look-ups and counts see them. Begins no epoch. */
    isRestored: () => epoch.isRestored(),
    /** The record that Redis has, which may be older than that of staging after a loss; null also while Redis lacks it. */
    inRedis: records.get,
    /** Like `inRedis`, for many ids in their order. */
    inRedisMany: records.getMany,
    /** An image that has no record in Redis, from its entry in staging and the state of its batch; null if it has no entry. */
    inStaging,

    /** The newest state of an image; null if neither Redis nor staging knows it. */
    async get(id: string): Promise<ImageRecord | null> {
      const record = await records.get(id);
      if (record === null) return inStaging(id);
      // Another attempt may end a restored run, without knowing this record, long after the restore.
      const mayBeBehind = (record.internal.keysLost && isOpen(record)) || (await noticeLoss(epoch));
      return mayBeBehind ? newestOf(record) : record;
    },

    /** The items of a batch at these places. */
    async ofBatch(state: BatchState, manifest: Manifest, places: readonly number[]): Promise<ImageRecord[]> {
      const found = await records.getMany(places.map((place) => manifest.id(place)));
      const isComplete = found.every((record) => record !== null);
      // Read the state after the records: only the state shows whether an item without a record was deleted in between.
      const now = isComplete ? state : ((await batches.inRedis(state.id)) ?? state);
      const hasAll = isComplete || !(await noticeLoss(epoch, now.minVersion));
      const items: ImageRecord[] = [];
      // Sequentially: in parallel, each item would wait for its own time slice.
      for (const [i, place] of places.entries()) {
        if (isSliceOver()) await nextSlice();
        items.push(found[i] ?? (await withoutRecord(manifest, place, now, hasAll)));
      }
      return items;
    },

    /** An image whose record has expired, read from its object, with a version above all that responses contained. */
    async ofObject(image: ImageRecord): Promise<ImageRecord> {
      // The record may have been restored since the put, with a higher version.
      const { number } = await epoch.current();
      return { ...image, version: Math.max(image.version, lastVersionIn(number)) };
    },
  };
}

export type ImageReads = ReturnType<typeof openImageReads>;
