import { isSettled } from '@pixdock/contract/status';
import { isSliceOver, nextSlice } from '../../runtime/slices.js';
import type { BatchState } from '../batches/batch-state.js';
import type { Batches } from '../batches/batches.js';
import type { ManifestItem } from '../batches/manifest-item.js';
import { itemWithoutRecord, newItemRecord } from '../batches/new-item-record.js';
import { firstVersionIn, lastVersionIn, nextVersion } from '../epoch.js';
import { isThere } from '../files/optional-file.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Staging } from '../staging.js';
import type { Entry } from './entry.js';
import { type ImageRecord, isOpen } from './image-record.js';
import type { Records, TransitionResult } from './records.js';
import { restoreIfOlder, restoreRecord } from './restore-record.js';
import { requestDelete, retry } from './transitions.js';

/**
 * The images, wherever their records are: in Redis, or in staging while Redis lacks them. An item of a batch has no record
 * until something happens to it. Lists, look-ups and counts see what Redis has.
 */
export interface Images extends Omit<Records, 'get' | 'getMany' | 'transition' | 'epoch'> {
  /** The image as it is now; null if neither Redis nor staging knows it. Changes nothing. */
  get(id: string): Promise<ImageRecord | null>;
  /** The record that Redis has, which may be older than what staging has after a loss; null also while Redis lacks it. */
  recorded(id: string): Promise<ImageRecord | null>;
  /** Like `recorded`, for many ids in their order. */
  recordedMany(ids: readonly string[]): Promise<(ImageRecord | null)[]>;
  /** The items of a batch at these places. Changes nothing. */
  ofBatch(state: BatchState, manifest: Manifest, places: readonly number[]): Promise<ImageRecord[]>;
  /** An image of which only its object is left, with a version that no response has contained. */
  ofObject(image: ImageRecord): Promise<ImageRecord>;
  /** The newest record of an image, which Redis gets first if it has lost it; null if nothing has happened to the image. */
  upToDate(id: string): Promise<ImageRecord | null>;
  /** Like `upToDate`, for items in their order. Records that Redis has may be older than what staging has. */
  upToDateMany(ids: readonly string[]): Promise<(ImageRecord | null)[]>;
  /**
   * Like `upToDate`, also while Redis seems to have everything: this process may not have noticed a loss yet, or an attempt
   * that knew nothing of this record may have ended the image.
   * @param record just read from Redis
   */
  compareWithStaging(record: ImageRecord): Promise<ImageRecord>;
  /**
   * Gives Redis what staging has of an image, if Redis lacks the image or has an earlier state of it.
   * @param epoch in which everything is restored: an image that is open gets a version of this epoch
   * @returns the record that Redis has then; null if the image was removed meanwhile
   * @throws EpochEnded
   */
  restore(entry: Entry, epoch?: number): Promise<{ record: ImageRecord | null; isCreated: boolean }>;
  /** Creates a record unless Redis has one. The record that Redis has then; null if its batch accepts no records any more. */
  createOrRead(record: ImageRecord): Promise<ImageRecord | null>;
  /** The first record of an item that has none, and to which nothing has happened. It is not created. */
  firstOf(state: BatchState, manifest: Manifest, place: number, item: ManifestItem): Promise<ImageRecord>;
  /**
   * Changes an image, and creates its record first if it has none.
   * @param change gets the current record and returns the new one, or null to refuse; called again after a concurrent change
   * @param recorded the record that Redis had when the caller read it: nothing is read or restored before the change
   */
  change(
    id: string,
    change: (record: ImageRecord) => ImageRecord | null,
    recorded?: ImageRecord,
  ): Promise<TransitionResult>;
  /**
   * Starts the next run of a failed image, first in staging, and then in Redis: a loss of Redis does not undo it. The caller
   * checks that the image has a source, and enqueues the run.
   * @param record the newest state of the image
   */
  startNextRun(record: ImageRecord): Promise<TransitionResult>;
  /**
   * How long an attempt from before a loss of Redis may still store objects of the image, in ms; 0 if there was none.
   * @param putMs how long a put takes at most
   */
  latePutsMs(record: ImageRecord, putMs: number): Promise<number>;
  /** Writes the outcome of a settled image to staging, and that of a deletion which ends in the meantime. */
  writeOutcome(record: ImageRecord): Promise<void>;
}

interface Parts {
  records: Records;
  batches: Pick<Batches, 'get' | 'recorded' | 'restore'>;
  staging: Staging;
}

export function openImages({ records, batches, staging }: Parts): Images {
  const { epoch } = records;
  /**
   * Whether Redis has everything again since its last loss. Until then it may lack an image, or have an earlier state of it.
   * @param version just read from Redis: one of a later epoch means that this process has missed a loss
   */
  const isRestored = async (version = 1) =>
    (epoch.known.isRestored && version <= lastVersionIn(epoch.known.number)) ||
    (await epoch.current()).isRestored;

  /** The item at a place that has no record, from its row and the state of its batch. */
  async function itemAt(manifest: Manifest, place: number, state: BatchState): Promise<ImageRecord> {
    const item = newItemRecord(manifest.entry, place, await manifest.item(place), state.minVersion);
    return itemWithoutRecord(item, manifest.entry, state);
  }

  /** @param hasAll whether Redis lacks nothing, so that the item has no entry of its own */
  async function withoutRecord(manifest: Manifest, place: number, state: BatchState, hasAll: boolean) {
    const entry = hasAll || place < state.deletedBefore ? null : await staging.ownEntry(manifest.id(place));
    return entry === null ? itemAt(manifest, place, state) : restoreRecord(entry.record, epoch.known.number);
  }

  async function fromStaging(id: string): Promise<ImageRecord | null> {
    const entry = await staging.entry(id);
    if (entry === null) return null;
    const { number } = await epoch.current();
    const { batchId, internal } = entry.record;
    if (batchId === null) return restoreRecord(entry.record, number);
    const [state, manifest] = [await batches.get(batchId), await staging.batches.open(batchId)];
    if (state === null || manifest === null || state.forgottenAt !== null) return null;
    const isDeleted = (internal.place ?? 0) < state.deletedBefore;
    if (!isDeleted && (await staging.ownEntry(id)) !== null) return restoreRecord(entry.record, number);
    const row = isDeleted ? (await staging.batches.entryOf(id))?.record : entry.record;
    return row === undefined ? null : itemWithoutRecord(row, manifest.entry, state);
  }

  /** Staging has what Redis may have lost: a later state, or a requested deletion. */
  async function newestOf(record: ImageRecord): Promise<ImageRecord> {
    const staged = (await staging.entry(record.id))?.record;
    if (staged === undefined) return record;
    const newest = restoreIfOlder(record, staged) ?? record;
    const isDeleting = staged.deleteRequestedAt !== null && newest.status !== 'deleted';
    const changed = (isDeleting ? requestDelete(newest) : null) ?? newest;
    if (changed === record) return record;
    const version = nextVersion(Math.max(record.version, newest.version), epoch.known.number);
    return { ...changed, version };
  }

  async function upToDate(id: string): Promise<ImageRecord | null> {
    const record = await records.get(id);
    if (await isRestored()) return record;
    const entry = await staging.ownEntry(id);
    if (entry === null) return record;
    const { batchId } = entry.record;
    const manifest = record !== null || batchId === null ? null : await staging.batches.open(batchId);
    // Items expire with their batch.
    if (manifest !== null) await batches.restore(manifest.entry);
    return (await bringUpToDate(record, entry.record)).record;
  }

  /** The one place where Redis gets what staging has. */
  async function bringUpToDate(record: ImageRecord | null, staged: ImageRecord, restoring?: number) {
    if (record === null) return recreate(staged, restoring);
    // A response may have contained a later version, which Redis lost. Only the version changes.
    const isLower = (current: ImageRecord) =>
      restoring !== undefined && isOpen(current) && current.version < firstVersionIn(restoring);
    const newer = (current: ImageRecord) =>
      restoreIfOlder(current, staged) ?? (isLower(current) ? current : null);
    if (newer(record) === null) return { record, isCreated: false };
    const changed = await records.transition(staged.id, newer, record);
    return { record: changed.outcome === 'missing' ? null : changed.record, isCreated: false };
  }

  async function recreate(staged: ImageRecord, restoring?: number) {
    const number = restoring ?? (await epoch.current()).number;
    const record = restoreRecord(staged, number);
    if (!(await records.create(record, number)))
      return { record: await records.get(staged.id), isCreated: false };
    // A request that is refused meanwhile removes the entry, then the record.
    const isSubmission = isOpen(record) && record.batchId === null;
    if (!isSubmission || (await isThere(staging.layout.submission(record.id))))
      return { record, isCreated: true };
    await records.forget(record);
    return { record: null, isCreated: false };
  }

  async function createItem(id: string): Promise<boolean> {
    const batchId = (await staging.entry(id))?.record.batchId ?? null;
    const manifest = batchId === null ? null : await staging.batches.open(batchId);
    if (manifest !== null) await batches.restore(manifest.entry);
    const item = manifest === null ? null : await fromStaging(id);
    if (item === null || item.status === 'deleted') return false;
    // The caller records the requested deletion as a change with its own version. Refused while the batch is canceled or deleted.
    return records.create({ ...item, deleteRequestedAt: null });
  }

  async function writeOutcome(record: ImageRecord): Promise<void> {
    for (let written = record; ; ) {
      await staging.writeOutcome(written);
      const newest = await records.get(record.id);
      if (newest === null || newest.version === written.version || !isSettled(newest)) return;
      written = newest;
    }
  }

  return {
    ...records,
    recorded: records.get,
    recordedMany: records.getMany,

    async get(id) {
      const record = await records.get(id);
      if (record === null) return fromStaging(id);
      // Another attempt may end a restored run, without knowing this record, long after the restore.
      const mayBeBehind = (record.internal.keysLost && isOpen(record)) || !(await isRestored());
      return mayBeBehind ? newestOf(record) : record;
    },

    async ofBatch(state, manifest, places) {
      const found = await records.getMany(places.map((place) => manifest.id(place)));
      const isComplete = found.every((record) => record !== null);
      // Read the state after the records: only the state shows whether an item without a record was deleted in between.
      const now = isComplete ? state : ((await batches.recorded(state.id)) ?? state);
      const hasAll = isComplete || (await isRestored(now.minVersion));
      const items: ImageRecord[] = [];
      // Sequentially: in parallel, each item would wait for its own time slice.
      for (const [i, place] of places.entries()) {
        if (isSliceOver()) await nextSlice();
        items.push(found[i] ?? (await withoutRecord(manifest, place, now, hasAll)));
      }
      return items;
    },

    async ofObject(image) {
      // The record may have been restored since the put, with a higher version.
      const { number } = await epoch.current();
      return { ...image, version: Math.max(image.version, lastVersionIn(number)) };
    },

    upToDate,

    async upToDateMany(ids) {
      const found = await records.getMany(ids);
      if (await isRestored()) return found;
      return Promise.all(ids.map(async (id, i) => found[i] ?? upToDate(id)));
    },

    async compareWithStaging(record) {
      const entry = await staging.ownEntry(record.id);
      return entry === null ? record : ((await bringUpToDate(record, entry.record)).record ?? record);
    },

    restore: async ({ record: staged }, restoring) =>
      bringUpToDate(await records.get(staged.id), staged, restoring),

    createOrRead: async (record) => ((await records.create(record)) ? record : records.get(record.id)),

    async firstOf({ minVersion }, manifest, place, item) {
      const record = newItemRecord(manifest.entry, place, item, minVersion);
      // An attempt makes a folder for the item before it stores any object. A restore creates the record of such an item.
      const keysLost =
        record.status === 'queued' &&
        !(await isRestored(minVersion)) &&
        (await isThere(staging.layout.image(record.id)));
      return { ...record, internal: { ...record.internal, keysLost } };
    },

    async change(id, change, recorded) {
      if (recorded !== undefined) return records.transition(id, change, recorded);
      if (!(await isRestored())) await upToDate(id);
      const changed = await records.transition(id, change);
      if (changed.outcome !== 'missing') return changed;
      if ((await upToDate(id)) === null) await createItem(id);
      return records.transition(id, change);
    },

    async startNextRun(record) {
      const next = retry(record);
      if (next === null) return { outcome: 'refused', record };
      // A deletion is removing the files.
      if (!(await staging.resubmit(next))) return records.transition(record.id, () => null);
      const changed = await records.transition(record.id, retry, record);
      // A deletion ended meanwhile.
      if (changed.outcome === 'refused' && changed.record.status === 'deleted')
        await writeOutcome(changed.record);
      return changed;
    },

    latePutsMs: async ({ internal }, putMs) =>
      internal.keysLost ? Math.max(0, putMs - (await epoch.age())) : 0,

    writeOutcome,
  };
}
