import { basename, dirname } from 'node:path/posix';
import { BATCH_ID } from '@pixdock/contract/ids';
import { LRUCache } from 'lru-cache';
import type { Announcement } from '../batches/batch-event.js';
import { batchHint, hintOf } from '../batches/item-id.js';
import { deletedItem, newItemRecord } from '../batches/new-item-record.js';
import type { BatchArrival } from '../folder-staging/batch-arrival.js';
import type { Entry } from '../images/entry.js';
import type { ImageRecord } from '../images/image-record.js';
import type { Origin } from '../images/origin.js';
import type { Manifest } from '../manifest/manifest.js';
import { type ManifestCaches, openManifestCaches } from '../manifest/manifest-caches.js';
import { batchFileSchema } from '../manifest/stored.js';
import { type BatchChanges, openBatchChanges } from './batch-changes.js';
import { type BatchNames, openBatchNames } from './batch-names.js';
import type { StagedFiles } from './staged-files.js';
import { batchFiles, stagedNames } from './staged-names.js';
import { openTombstones, type Tombstones } from './tombstones.js';

/** For open manifests. Each has column names and tables: usually 2 KiB, at most 256 KiB. */
const OPEN_BYTES = 16 * 1024 * 1024;
/** Bytes of a manifest in memory beside its text. */
const MANIFEST_BYTES = 4096;
/** Every item opens its batch several times; the file is checked at this interval. */
const TRUSTED_MS = 1000;

interface Located {
  manifest: Manifest;
  place: number;
}

export interface StagedBatches extends BatchChanges, BatchNames, Tombstones {
  openArrival: BatchStore['openArrival'];
  /**
   * Opens a batch; null if it does not exist.
   * @param trustedMs how old the last check of its file may be
   */
  open(id: string, trustedMs?: number): Promise<Manifest | null>;
  /** The batch and place of an item's id; null if no batch has it. */
  find(imageId: string): Promise<Located | null>;
  /** The place of an image in a batch; null without a batch, or if it does not have the image. */
  locate(batchId: string | null, imageId: string): Promise<Located | null>;
  /** The entry of an item from its line in the batch: its first record. */
  entryOf(imageId: string): Promise<Entry | null>;
  /** The origin of an item's source; null if it is lost, or the request headers are gone. */
  originOf(batchId: string, imageId: string): Promise<Origin | null>;
  /** Whether the batch still has the item's source: its file, its archive, or the headers of its request. */
  hasSource(batchId: string, imageId: string): Promise<boolean>;
  ids: BatchStore['ids'];
  /** Whether the batch still has materials, which only fetching needs: archive, files, request headers. */
  hasMaterials(id: string): Promise<boolean>;
  /** Bytes that `dropMaterials` frees. */
  bytesOfMaterials(id: string): Promise<number>;
  dropMaterials(id: string): Promise<void>;
  /** The last event that said that the batch is finished. */
  announcement(id: string): Promise<Announcement | null>;
  /** Records that event, so that a restore can send it again under the same id. */
  noteAnnouncement(id: string, announcement: Announcement): Promise<void>;
  forget(id: string): Promise<void>;
}

/** The rows and the files of batches, in a folder or in a bucket. */
export interface BatchStore {
  openArrival(id: string): Promise<BatchArrival>;
  /** @param text of the entry of the batch */
  openManifest(id: string, text: string, caches: ManifestCaches): Promise<Manifest>;
  /** Whether an open manifest can still be read. @param entryName of the file of its entry */
  isOpen(manifest: Manifest, entryName: string): Promise<boolean>;
  /** Ids of all batches. */
  ids(): AsyncGenerator<string>;
}

/** The batches of a staging. */
export function openStagedBatches(files: StagedFiles, store: BatchStore): StagedBatches {
  const caches = openManifestCaches();
  const manifests = new LRUCache<string, { manifest: Manifest; entryName: string; seenAt: number }>({
    maxSize: OPEN_BYTES,
    sizeCalculation: ({ manifest }) => MANIFEST_BYTES + manifest.bytes,
  });

  const namesOf = (id: string) => batchFiles(stagedNames.batch(id));

  async function open(id: string, trustedMs = TRUSTED_MS): Promise<Manifest | null> {
    if (!BATCH_ID.test(id)) return null;
    const kept = manifests.get(id);
    if (kept !== undefined) {
      if (performance.now() - kept.seenAt < trustedMs) return kept.manifest;
      kept.seenAt = performance.now();
      if (await store.isOpen(kept.manifest, kept.entryName)) return kept.manifest;
      manifests.delete(id);
    }
    const { entry } = namesOf(id);
    const live = await files.read(entry);
    const entryName = live === null ? stagedNames.deletedBatch(id) : entry;
    const text = live ?? (await files.read(entryName));
    if (text === null) return null;
    const manifest = await store.openManifest(id, text, caches);
    manifests.set(id, { manifest, entryName, seenAt: performance.now() });
    return manifest;
  }

  async function locate(batchId: string | null, imageId: string): Promise<Located | null> {
    const manifest = batchId === null ? null : await open(batchId);
    const place = manifest?.place(imageId) ?? null;
    return manifest === null || place === null ? null : { manifest, place };
  }

  async function find(imageId: string): Promise<Located | null> {
    for (const id of await idsLike(files, hintOf(imageId))) {
      const found = await locate(id, imageId);
      if (found !== null) return found;
    }
    return null;
  }

  function close(id: string): void {
    manifests.delete(id);
    caches.headerSets.delete(id);
    caches.duplicates.delete(id);
  }

  const tombstones = openTombstones(files, close);

  async function recordOf(manifest: Manifest, place: number): Promise<ImageRecord> {
    const { entry } = manifest;
    const buried = await tombstones.tombstone(entry.id);
    return buried === null
      ? newItemRecord(entry, place, await manifest.item(place), 1)
      : deletedItem(entry, place, buried);
  }

  async function originOf(batchId: string, imageId: string): Promise<Origin | null> {
    if ((await tombstones.tombstone(batchId)) !== null) return null;
    const found = await locate(batchId, imageId);
    return found === null ? null : found.manifest.origin(found.place);
  }

  return {
    ...openBatchChanges(files),
    ...openBatchNames(files),
    ...tombstones,
    openArrival: (id) => store.openArrival(id),
    ids: () => store.ids(),
    open,
    find,
    locate,
    originOf,

    async entryOf(imageId) {
      const found = await find(imageId);
      if (found === null) return null;
      const record = await recordOf(found.manifest, found.place);
      return { record, origin: null, idempotency: null };
    },

    async hasSource(batchId, imageId) {
      const found = await locate(batchId, imageId);
      if (found === null) return false;
      const { origin } = await found.manifest.item(found.place);
      const names = namesOf(batchId);
      if (origin === null) return false;
      if (origin.kind === 'url')
        return files.has(origin.headerSet === undefined ? names.entry : names.headers);
      return files.has(origin.kind === 'file' ? names.upload(origin.name) : names.archive);
    },

    hasMaterials: (id) => files.has(namesOf(id).materials),
    bytesOfMaterials: (id) => files.bytesBelow(namesOf(id).materials),
    async dropMaterials(id) {
      close(id);
      await files.removeAll(namesOf(id).materials);
    },

    async announcement(id) {
      const text = await files.read(namesOf(id).entry);
      return text === null ? null : batchFileSchema.parse(JSON.parse(text)).announcement;
    },
    async noteAnnouncement(id, announcement) {
      const { entry } = namesOf(id);
      const text = await files.read(entry);
      if (text !== null) await files.add(entry, JSON.stringify({ ...JSON.parse(text), announcement }));
    },

    async forget(id) {
      close(id);
      // The folder first: without the tombstone, what is left of it would be a batch again.
      await files.removeAll(stagedNames.batch(id));
      await files.removeUnsynced(stagedNames.deletedBatch(id));
    },
  };
}

// The id of an item contains only the beginning of its batch's id.
async function idsLike(files: StagedFiles, hint: string): Promise<string[]> {
  const beginning = stagedNames.batch(`bat_${hint}`);
  const names = await files.namesIn(dirname(beginning), basename(beginning));
  const ids = new Set(names.map((name) => name.replace(/\.json$/, '')));
  return [...ids].filter((id) => BATCH_ID.test(id) && batchHint(id) === hint);
}
