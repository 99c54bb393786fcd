import type { BatchState } from '../batches/batch-state.js';
import type { Batches } from '../batches/batches.js';
import type { ManifestItem } from '../batches/manifest-item.js';
import { newItemRecord } from '../batches/new-item-record.js';
import { firstVersionIn } from '../epoch.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Staging } from '../staging.js';
import type { Entry } from './entry.js';
import { type ImageRecord, isDeleted, isOpen } from './image-record.js';
import { type ImageReads, noticeLoss } from './read-images.js';
import type { Records } from './records.js';
import { restoreRecord, stagedIfNewer } from './restored-record.js';

interface Parts {
  records: Records;
  batches: Pick<Batches, 'restore'>;
  staging: Staging;
}

/** Gives Redis the newer state that staging has of an image. */
export function openImageRestores(
  { records, batches, staging }: Parts,
  { inStaging }: Pick<ImageReads, 'inStaging'>,
) {
  const { epoch } = records;

  async function restoreLost(id: string): Promise<ImageRecord | null> {
    const record = await records.get(id);
    if (!(await noticeLoss(epoch))) return record;
    const entry = await staging.ownEntry(id);
    if (entry === null) return record;
    const { batchId } = entry.record;
    const manifest = record !== null || batchId === null ? null : await staging.batches.open(batchId);
    // Items expire with their batch.
    if (manifest !== null) await batches.restore(manifest.entry);
    return (await update(record, entry.record)).record;
  }

  async function update(record: ImageRecord | null, staged: ImageRecord, inEpoch?: number) {
    if (record === null) return recreate(staged, inEpoch);
    // A response may have contained a later version, which Redis lost. Only the version changes.
    const isLower = (current: ImageRecord) =>
      inEpoch !== undefined && isOpen(current) && current.version < firstVersionIn(inEpoch);
    const newer = (current: ImageRecord) =>
      stagedIfNewer(current, staged) ?? (isLower(current) ? current : null);
    if (newer(record) === null) return { record, isCreated: false };
    const changed = await records.transition(staged.id, newer, record);
    return { record: changed.outcome === 'missing' ? null : changed.record, isCreated: false };
  }

  async function recreate(staged: ImageRecord, inEpoch?: number) {
    const number = inEpoch ?? (await epoch.current()).number;
    const record = restoreRecord(staged, number);
    if (!(await records.create(record, number)))
      return { record: await records.get(staged.id), isCreated: false };
    // A request that is refused meanwhile removes the entry, then the record.
    const isSubmission = isOpen(record) && record.batchId === null;
    if (!isSubmission || (await staging.has(record.id, 'submission'))) return { record, isCreated: true };
    await records.forget(record);
    return { record: null, isCreated: false };
  }

  /** An attempt makes a folder for the item before it stores any object. A restore creates the record of such an item. */
  async function withLostKeys(item: ImageRecord): Promise<ImageRecord> {
    const { id, status, version, internal } = item;
    const mayHaveObjects = async () => (await noticeLoss(epoch, version)) && (await staging.has(id, 'image'));
    const keysLost = internal.keysLost || (status === 'queued' && (await mayHaveObjects()));
    return { ...item, internal: { ...internal, keysLost } };
  }

  return {
    /** The first record of an item that has none, and to which nothing has happened. It is not created. */
    firstOf: ({ minVersion }: BatchState, { entry }: Manifest, place: number, item: ManifestItem) =>
      withLostKeys(newItemRecord(entry, place, item, minVersion)),

    /** The newest record of an image, which Redis gets first if it has lost it; null if nothing has happened to the image. */
    restoreLost,

    /** Like `restoreLost`, for items in their order. Records that Redis has may be older than those of staging. */
    async restoreLostMany(ids: readonly string[]): Promise<(ImageRecord | null)[]> {
      const found = await records.getMany(ids);
      if (!(await noticeLoss(epoch))) return found;
      return Promise.all(ids.map(async (id, i) => found[i] ?? restoreLost(id)));
    },

    /**
     * Like `restoreLost`, also while Redis seems to have everything: this process may not have noticed a loss yet, or an attempt
     * that knew nothing of this record may have ended the image.
     * @param record just read from Redis
     * @returns the same object if staging has nothing newer, so that callers can compare it
     */
    async restoreNewer(record: ImageRecord): Promise<ImageRecord> {
      const entry = await staging.ownEntry(record.id);
      return entry === null ? record : ((await update(record, entry.record)).record ?? record);
    },

    /**
     * Gives Redis the state of an entry, if Redis lacks the image or has an earlier state of it.
     * @param inEpoch the only epoch in which the record may be changed: an image that is open gets a version of this epoch
     * @returns the record that Redis has then; null if the image was removed meanwhile
     * @throws EpochEnded
     */
    restoreEntry: async ({ record: staged }: Entry, inEpoch?: number) =>
      update(await records.get(staged.id), staged, inEpoch),

    /** Creates the record of an item that has none. False if the item does not exist, or its batch accepts no more records. */
    async createItem(id: string): Promise<boolean> {
      const batchId = (await staging.entry(id))?.record.batchId ?? null;
      const manifest = batchId === null ? null : await staging.batches.open(batchId);
      if (manifest === null) return false;
      await batches.restore(manifest.entry);
      const item = await inStaging(id);
      if (item === null || isDeleted(item)) return false;
      // The caller records the requested deletion as a change with its own version. Refused while the batch is canceled or deleted.
      return records.create(await withLostKeys({ ...item, deleteRequestedAt: null }));
    },
  };
}

export type ImageRestores = ReturnType<typeof openImageRestores>;
