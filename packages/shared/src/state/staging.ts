import { constants, type WriteStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { isSettled } from '@pixdock/contract/status';
import type { Logger } from '../runtime/log.js';
import {
  type ImageArrival,
  openArrival,
  openUnfetchedArrival,
  openUploadedArrival,
} from './files/arrival.js';
import { addDurably, writeDurably, writeWhole } from './files/durable.js';
import { makeFolder, removeFolder } from './files/folder.js';
import { openFolderNotes } from './files/folder-notes.js';
import { removeImage } from './files/image-files.js';
import { type StagingLayout, stagingLayout } from './files/layout.js';
import { isThere, removeFile } from './files/optional-file.js';
import { isWhole } from './files/source-file.js';
import type { Entry } from './images/entry.js';
import { type ImageRecord, isKeptForRetry } from './images/image-record.js';
import type { Origin } from './images/origin.js';
import { openStagedBatches, type StagedBatches } from './manifest/staged-batches.js';
import { openReviews, type Reviews } from './reviews.js';
import { ifReadable, openStagedEntries } from './staged-entries.js';
import type { StagingPlace } from './staging-id.js';
import { openStagedUploads, type StagedUploads } from './uploads/staged-uploads.js';
import { uploadIdOf } from './uploads/upload-entry.js';

export interface Staging extends StagingPlace {
  layout: StagingLayout;
  batches: StagedBatches;
  uploads: StagedUploads;
  reviews: Reviews;
  openArrival(id: string): Promise<ImageArrival & { stream: WriteStream }>;
  /** Begins the submission of an image whose source is the resumable upload with this id. */
  openUploadedArrival(id: string, uploadId: string): Promise<ImageArrival & { stream: null }>;
  /** Begins the submission of an image whose source a worker fetches later. */
  openUnfetchedArrival(id: string): ImageArrival & { stream: null };
  /** The newest entry of an image: its outcome, its submission, or its line in its batch; null without any of them. */
  entry(id: string): Promise<Entry | null>;
  /** The image's own entry: null for an item of a batch to which nothing has happened. */
  ownEntry(id: string): Promise<Entry | null>;
  /** Whether the source is in staging, and complete and unchanged. */
  isSourceWhole(record: ImageRecord): Promise<boolean>;
  /** The origin of the source; null if the submission contained the source, or the origin is lost. */
  origin(record: ImageRecord): Promise<Origin | null>;
  /** Whether the source is in staging or can be fetched again. */
  hasSource(record: ImageRecord): Promise<boolean>;
  /** Records a new run durably; false if a deletion removes the image's files at this moment. */
  resubmit(record: ImageRecord): Promise<boolean>;
  /**
   * Writes the outcome of a settled image, and removes the image's files except those that a failed image needs for `retry`. Of a deleted image
   * it also removes the resumable upload or the row that the image was made of.
   */
  writeOutcome(record: ImageRecord): Promise<void>;
  /** Records durably that an image is to be deleted. */
  requestDelete(id: string): Promise<void>;
  /** Records durably that an image is kept, although its entry has a deletion time. */
  keep(id: string): Promise<void>;
  isKept(id: string): Promise<boolean>;
  /** Removes the request to delete an image. */
  dropDeletion(id: string): Promise<void>;
  /** Removes all files of an image except a request to delete it, which needs none of them. */
  forget(id: string): Promise<void>;
}

/** The staging of a DATA_DIR, of which nothing is created. */
export function stagingAt(dataDir: string): StagingPlace {
  const { root } = stagingLayout(dataDir);
  return { place: `${hostname()}:${dirname(root)}`, notes: openFolderNotes(root) };
}

/**
 * Opens the temporary storage on a disk that API and workers share. Creates its folders, readable by their owner only.
 * @param log for failures to remove files that are not accepted
 */
export async function openStaging(dataDir: string, log?: Logger): Promise<Staging> {
  const layout = stagingLayout(dataDir);
  const { root, incoming, live, outcomes, deletions } = layout;
  for (const folder of [root, incoming, live, outcomes, deletions, layout.batches, layout.uploads])
    await makeFolder(folder, { sync: true });
  await access(root, constants.W_OK);
  const batches = openStagedBatches(layout, log);

  const uploads = openStagedUploads(layout, log);
  const entries = openStagedEntries(layout, batches);
  const { readSubmission } = entries;

  const originOf = async ({ id, batchId }: ImageRecord) =>
    batchId === null
      ? ((await ifReadable(() => readSubmission(id)))?.origin ?? null)
      : batches.originOf(batchId, id);

  const isSourceWhole = ({ id, source }: ImageRecord) => isWhole(layout.source(id), source);
  const dropDeletion = (id: string) => removeFile(layout.deletion(id));

  async function eraseRow(record: ImageRecord): Promise<void> {
    const found = await batches.locate(record.batchId, record.id);
    if (found === null) return;
    const { manifest, place } = found;
    const { id } = manifest.entry;
    // All rows of a deleted batch are removed together.
    const isPurged = (await batches.tombstone(id)) !== null;
    if (isPurged || (await batches.changes(id)).includes('deleted')) return;
    await manifest.erase(
      place,
      async (other) => (await entries.ownEntry(other))?.record.status === 'deleted',
    );
  }

  return {
    layout,
    batches,
    uploads,
    reviews: openReviews((id) => openFolderNotes(layout.review(id)), isSourceWhole),
    ...stagingAt(dataDir),
    entry: entries.entry,
    ownEntry: entries.ownEntry,
    openArrival: (id) => openArrival(layout, id, log),
    openUploadedArrival: (id, uploadId) => openUploadedArrival(layout, id, uploadId, log),
    openUnfetchedArrival: (id) => openUnfetchedArrival(layout, id, log),
    isSourceWhole,

    origin: originOf,

    async hasSource(record) {
      if (record.batchId !== null && (await batches.hasSource(record.batchId, record.id))) return true;
      if (record.batchId === null && (await originOf(record)) !== null) return true;
      return record.source.bytes !== null && isSourceWhole(record);
    },

    async resubmit(record) {
      const { idempotency = null, origin = null } = (await ifReadable(() => readSubmission(record.id))) ?? {};
      // The version of the record with the new run. If Redis loses the run, its record has a lower version, and a restore repeats it.
      const version = record.version + 1;
      const write = record.batchId === null ? addDurably : writeDurably;
      const submission = JSON.stringify({ record: { ...record, version }, origin, idempotency });
      return write(layout.submission(record.id), submission).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return false;
          throw error;
        },
      );
    },

    async writeOutcome(record) {
      if (!isSettled(record)) throw new TypeError(`${record.id} is not settled`);
      const isItem = record.batchId !== null;
      const idempotency = isItem ? null : await entries.idempotencyOf(record.id);
      const outcome = JSON.stringify({ record, origin: null, idempotency } satisfies Entry);
      // If a power failure loses the outcome of an item, the item is processed again, with the same bytes and keys as its result;
      // the row of a deleted item is gone.
      const isDeleted = record.status === 'deleted';
      const write = isItem && !isDeleted ? writeWhole : writeDurably;
      await write(layout.outcome(record.id), outcome).catch(async () => {
        // Frees space for the outcome on a full disk.
        await removeFolder(layout.output(record.id));
        await write(layout.outcome(record.id), outcome);
      });
      // A retry needs the submission, which has the bytes, or the URL and its headers.
      if (isKeptForRetry(record)) {
        await removeFolder(layout.output(record.id));
        if (record.source.kind === 'url') await removeFile(layout.source(record.id));
      } else await removeFolder(layout.image(record.id));
      if (!isDeleted) return;
      if (isItem) await eraseRow(record);
      else await uploads.remove(uploadIdOf(record.id));
      await dropDeletion(record.id);
    },

    requestDelete: (id) => writeDurably(layout.deletion(id), ''),
    dropDeletion,
    keep: (id) => writeDurably(layout.kept(id), ''),
    isKept: (id) => isThere(layout.kept(id)),

    forget: (id) => removeImage(layout, id),
  };
}
