import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { BATCH_ID } from '@pixdock/contract/ids';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.js';
import { addDurably, isTemporary, isThere, readIfThere, removeFile, writeDurably } from '../files/durable.js';
import { batchFiles, type StagingLayout } from '../files/layout.js';
import { type Tombstone, tombstoneSchema } from '../records/batch-entry.js';
import { type Announcement, announcementSchema } from '../records/batch-event.js';
import type { Entry } from '../records/entry.js';
import type { ImageRecord } from '../records/image-record.js';
import { batchHint, hintOf } from '../records/item-id.js';
import { deletedItem, newItemRecord } from '../records/new-record.js';
import type { Origin } from '../records/origin.js';
import { type BatchArrival, receiveBatch } from './arrival.js';
import { type Manifest, openManifest } from './manifest.js';
import { openManifestCaches } from './manifest-caches.js';

/** For open manifests. Each has column names and tables: usually 2 KiB, at most 256 KiB. */
const OPEN_BYTES = 16 * 1024 * 1024;
/** Bytes of a manifest in memory beside its text. */
const MANIFEST_BYTES = 4096;
/** Every item opens its batch several times; the file is checked at this interval. */
const TRUSTED_MS = 1000;

/** The name of the file that requests a change of a batch: of the whole batch, or a retry of failed items with a code. */
export type BatchChange = 'canceled' | 'deleted' | `retry-${ErrorCode | 'all'}`;

/** The change that retries the failures of a code, or all (null). */
export const retryChange = (code: ErrorCode | null): BatchChange => `retry-${code ?? 'all'}`;

/** The code of a retry; null: all. */
export function retryCodeOf(change: string): ErrorCode | null {
  return ERROR_CODES.find((code) => change === retryChange(code)) ?? null;
}

export interface StagedBatches {
  receive(id: string): Promise<BatchArrival>;
  /**
   * Opens a batch; null if it does not exist.
   * @param trustedMs how old the last check of its file may be
   */
  open(id: string, trustedMs?: number): Promise<Manifest | null>;
  /** The batch and place of an item's id; null if no batch has it. */
  find(imageId: string): Promise<{ manifest: Manifest; place: number } | null>;
  /** The entry of an item from its line in the batch: its first record. */
  entryOf(imageId: string): Promise<Entry | null>;
  /** The origin of an item's source; null if it is lost, or the request headers are gone. */
  originOf(batchId: string, imageId: string): Promise<Origin | null>;
  /** Whether the batch still has the item's source: its file, its archive, or the headers of its request. */
  hasSource(batchId: string, imageId: string): Promise<boolean>;
  /** Records a requested change durably: a restore requests it again. */
  noteChange(id: string, change: BatchChange): Promise<void>;
  changes(id: string): Promise<BatchChange[]>;
  dropChange(id: string, change: BatchChange): Promise<void>;
  /** Removes what only fetching needs: archive, files, request headers. */
  dropMaterials(id: string): Promise<void>;
  /** The last event that said that the batch is finished. */
  announcement(id: string): Promise<Announcement | null>;
  /** Records that event, so that a restore can send it again under the same id. */
  noteAnnouncement(id: string, announcement: Announcement): Promise<void>;
  /** Null unless all items of the batch are deleted. */
  tombstone(id: string): Promise<Tombstone | null>;
  /** Records durably that all items of the batch are deleted: none can be restored after this. */
  addTombstone(id: string, tombstone: Tombstone): Promise<void>;
  /** Whether a batch with a tombstone has other files left. */
  hasRows(id: string): Promise<boolean>;
  /** Removes all files of a batch except its entry and its tombstone. */
  dropRows(id: string): Promise<void>;
  forget(id: string): Promise<void>;
}

/** The batches below one DATA_DIR. */
export function openStagedBatches(layout: StagingLayout, log?: Logger): StagedBatches {
  const caches = openManifestCaches();
  const manifests = new LRUCache<string, { manifest: Manifest; seenAt: number }>({
    maxSize: OPEN_BYTES,
    sizeCalculation: ({ manifest }) => MANIFEST_BYTES + manifest.bytes,
  });

  async function open(id: string, trustedMs = TRUSTED_MS): Promise<Manifest | null> {
    if (!BATCH_ID.test(id)) return null;
    const kept = manifests.get(id);
    if (kept !== undefined) {
      if (performance.now() - kept.seenAt < trustedMs) return kept.manifest;
      kept.seenAt = performance.now();
      if (await isThere(batchFiles(kept.manifest.folder).entry)) return kept.manifest;
      manifests.delete(id);
      return null;
    }
    const manifest = await openManifest(layout.batch(id), caches);
    if (manifest === null) return null;
    manifests.set(id, { manifest, seenAt: performance.now() });
    return manifest;
  }

  async function find(imageId: string) {
    const hint = hintOf(imageId);
    for (const id of await idsLike(layout, hint)) {
      const manifest = await open(id);
      const place = manifest?.place(imageId) ?? null;
      if (manifest !== null && place !== null) return { manifest, place };
    }
    return null;
  }

  function close(id: string): void {
    manifests.delete(id);
    caches.headerSets.delete(id);
    caches.duplicates.delete(id);
  }

  async function tombstone(id: string): Promise<Tombstone | null> {
    const text = await readIfThere(batchFiles(layout.batch(id)).tombstone);
    return text === null ? null : tombstoneSchema.parse(JSON.parse(text));
  }

  async function recordOf(manifest: Manifest, place: number): Promise<ImageRecord> {
    const { entry } = manifest;
    const buried = await tombstone(entry.id);
    return buried === null
      ? newItemRecord(entry, place, await manifest.item(place), 1)
      : deletedItem(entry, place, buried);
  }

  async function originOf(batchId: string, imageId: string): Promise<Origin | null> {
    if ((await tombstone(batchId)) !== null) return null;
    const manifest = await open(batchId);
    const place = manifest?.place(imageId) ?? null;
    return manifest === null || place === null ? null : manifest.origin(place);
  }

  async function pathsBesideTombstone(id: string): Promise<string[]> {
    const folder = layout.batch(id);
    const { entry, tombstone: kept } = batchFiles(folder);
    const names = await readdir(folder).catch(unlessMissing);
    return names.map((name) => join(folder, name)).filter((path) => path !== entry && path !== kept);
  }

  return {
    receive: (id) => receiveBatch(layout, id, log),
    open,
    find,
    originOf,

    async entryOf(imageId) {
      const found = await find(imageId);
      if (found === null) return null;
      const record = await recordOf(found.manifest, found.place);
      return { record, origin: null, idempotency: null };
    },

    async hasSource(batchId, imageId) {
      const manifest = await open(batchId);
      const place = manifest?.place(imageId) ?? null;
      if (manifest === null || place === null) return false;
      const { origin } = await manifest.item(place);
      const files = batchFiles(layout.batch(batchId));
      if (origin === null) return false;
      if (origin.kind === 'url') return isThere(origin.headerSet === undefined ? files.entry : files.headers);
      return isThere(origin.kind === 'file' ? files.upload(origin.name) : files.archive);
    },

    noteChange: (id, change) => writeDurably(batchFiles(layout.batch(id)).change(change), ''),
    dropChange: (id, change) => removeFile(batchFiles(layout.batch(id)).change(change)),
    async changes(id) {
      const names = await readdir(batchFiles(layout.batch(id)).changes).catch(unlessMissing);
      // A temporary file is that of a process that died before it responded.
      return names.filter((name) => !isTemporary(name)) as BatchChange[];
    },
    async dropMaterials(id) {
      close(id);
      await rm(batchFiles(layout.batch(id)).materials, { recursive: true, force: true });
    },

    async announcement(id) {
      const text = await readIfThere(batchFiles(layout.batch(id)).announced);
      return text === null ? null : announcementSchema.parse(JSON.parse(text));
    },
    noteAnnouncement: (id, made) => addDurably(batchFiles(layout.batch(id)).announced, JSON.stringify(made)),

    tombstone,
    addTombstone: (id, made) => addDurably(batchFiles(layout.batch(id)).tombstone, JSON.stringify(made)),
    hasRows: async (id) => (await pathsBesideTombstone(id)).length > 0,
    async dropRows(id) {
      close(id);
      for (const path of await pathsBesideTombstone(id)) await rm(path, { recursive: true, force: true });
    },

    async forget(id) {
      close(id);
      await rm(layout.batch(id), { recursive: true, force: true });
    },
  };
}

// The id of an item contains only the beginning of its batch's id.
async function idsLike(layout: StagingLayout, hint: string): Promise<string[]> {
  const shard = dirname(layout.batch(`bat_${hint}`));
  const names = await readdir(shard).catch(unlessMissing);
  return names.filter((name) => BATCH_ID.test(name) && batchHint(name) === hint);
}

function unlessMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
