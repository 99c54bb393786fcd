import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BATCH_ID } from '@pixdock/contract/ids';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.js';
import type { Announcement } from '../batches/batch-event.js';
import { batchHint, hintOf } from '../batches/item-id.js';
import { deletedItem, newItemRecord } from '../batches/new-item-record.js';
import { addDurably } from '../files/durable.js';
import { isThere, namesIn, readIfThere, removeFile } from '../files/optional-file.js';
import type { Entry } from '../images/entry.js';
import type { ImageRecord } from '../images/image-record.js';
import type { Origin } from '../images/origin.js';
import { openManifestCaches } from '../manifest/manifest-caches.js';
import { batchFileSchema } from '../manifest/stored.js';
import { type BatchArrival, openBatchArrival } from './batch-arrival.js';
import { type BatchChanges, openBatchChanges } from './batch-changes.js';
import { type BatchNames, openBatchNames } from './batch-names.js';
import { batchFiles, type StagingLayout } from './layout.js';
import { type Manifest, openManifest, type StoredManifest } from './manifest.js';
import { bytesBelow } from './staged-bytes.js';
import { openTombstones, type Tombstones } from './tombstones.js';
import { batchIds } from './walk.js';

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
  openArrival(id: string): Promise<BatchArrival>;
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
  /** Ids of all batches. */
  ids(): AsyncGenerator<string>;
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

/** The batches below one DATA_DIR. */
export function openStagedBatches(layout: StagingLayout, log?: Logger): StagedBatches {
  const caches = openManifestCaches();
  const manifests = new LRUCache<string, { manifest: StoredManifest; seenAt: number }>({
    maxSize: OPEN_BYTES,
    sizeCalculation: ({ manifest }) => MANIFEST_BYTES + manifest.bytes,
  });

  async function open(id: string, trustedMs = TRUSTED_MS): Promise<Manifest | null> {
    if (!BATCH_ID.test(id)) return null;
    const kept = manifests.get(id);
    if (kept !== undefined) {
      if (performance.now() - kept.seenAt < trustedMs) return kept.manifest;
      kept.seenAt = performance.now();
      if (await isThere(kept.manifest.path)) return kept.manifest;
      manifests.delete(id);
    }
    const manifest = await openManifest(layout, id, caches);
    if (manifest === null) return null;
    manifests.set(id, { manifest, seenAt: performance.now() });
    return manifest;
  }

  async function locate(batchId: string | null, imageId: string): Promise<Located | null> {
    const manifest = batchId === null ? null : await open(batchId);
    const place = manifest?.place(imageId) ?? null;
    return manifest === null || place === null ? null : { manifest, place };
  }

  async function find(imageId: string): Promise<Located | null> {
    for (const id of await idsLike(layout, hintOf(imageId))) {
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

  const tombstones = openTombstones(layout, close);
  const materialsOf = (id: string) => batchFiles(layout.batch(id)).materials;

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
    ...openBatchChanges(layout),
    ...openBatchNames(layout),
    ...tombstones,
    openArrival: (id) => openBatchArrival(layout, id, log),
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
      const files = batchFiles(layout.batch(batchId));
      if (origin === null) return false;
      if (origin.kind === 'url') return isThere(origin.headerSet === undefined ? files.entry : files.headers);
      return isThere(origin.kind === 'file' ? files.upload(origin.name) : files.archive);
    },

    ids: () => batchIds(layout),
    hasMaterials: (id) => isThere(materialsOf(id)),
    bytesOfMaterials: (id) => bytesBelow(materialsOf(id)),
    async dropMaterials(id) {
      close(id);
      await rm(materialsOf(id), { recursive: true, force: true });
    },

    async announcement(id) {
      const text = await readIfThere(batchFiles(layout.batch(id)).entry);
      return text === null ? null : batchFileSchema.parse(JSON.parse(text)).announcement;
    },
    async noteAnnouncement(id, announcement) {
      const { entry } = batchFiles(layout.batch(id));
      const text = await readIfThere(entry);
      if (text !== null) await addDurably(entry, JSON.stringify({ ...JSON.parse(text), announcement }));
    },

    async forget(id) {
      close(id);
      // The folder first: without the tombstone, what is left of it would be a batch again.
      await rm(layout.batch(id), { recursive: true, force: true });
      await removeFile(layout.deletedBatch(id));
    },
  };
}

// The id of an item contains only the beginning of its batch's id.
async function idsLike(layout: StagingLayout, hint: string): Promise<string[]> {
  const shard = dirname(layout.batch(`bat_${hint}`));
  const ids = new Set((await namesIn(shard)).map((name) => name.replace(/\.json$/, '')));
  return [...ids].filter((id) => BATCH_ID.test(id) && batchHint(id) === hint);
}
