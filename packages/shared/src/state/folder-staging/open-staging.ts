import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { isDeletedStatus, isSettled } from '@pixdock/contract/status';
import type { Logger } from '../../runtime/log.js';
import { addDurably, writeDurably, writeWhole } from '../files/durable.js';
import { makeFolder, removeFolder } from '../files/folder.js';
import { isThere, removeFile } from '../files/optional-file.js';
import type { Entry } from '../images/entry.js';
import { type ImageRecord, isKeptForRetry } from '../images/image-record.js';
import { openReviews } from '../reviews.js';
import { findFullDisk } from '../space.js';
import type { Staging, UnopenedStaging } from '../staging.js';
import { uploadIdOf } from '../uploads/upload-entry.js';
import { openArrival, openUnfetchedArrival, openUploadedArrival, removeImage } from './arrival.js';
import { openFolderNotes } from './folder-notes.js';
import { stagingLayout } from './layout.js';
import { localFile } from './local-file.js';
import { openOutputs } from './outputs.js';
import { openSourceArrival } from './source-arrival.js';
import { isWhole } from './source-file.js';
import { openStagedBatches } from './staged-batches.js';
import { bytesBelow } from './staged-bytes.js';
import { ifReadable, openStagedEntries } from './staged-entries.js';
import { openStagedUploads } from './staged-uploads.js';
import { countByUse, openUsageCounter } from './usage-counter.js';
import { isIdle, modifiedAt, openLists } from './walk.js';

/** The folder of a staging, which only its backup needs to know. */
export const stagingFolder = (dataDir: string) => stagingLayout(dataDir).root;

/** The staging of a DATA_DIR. */
export function stagingAt(dataDir: string): UnopenedStaging {
  const layout = stagingLayout(dataDir);
  const { root } = layout;
  return {
    place: `${hostname()}:${dirname(root)}`,
    notes: openFolderNotes(root),
    exists: () => isThere(root),
    bytesByUse: () => countByUse(layout),
    openUsageCounter: () => openUsageCounter(layout),
    findFull: (space) => findFullDisk(root, space),
  };
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

  const outputs = openOutputs(layout);
  const uploads = openStagedUploads(layout, log);
  const entries = openStagedEntries(layout, batches);
  const { readSubmission } = entries;

  const originOf = async ({ id, batchId }: ImageRecord) =>
    batchId === null
      ? ((await ifReadable(() => readSubmission(id)))?.origin ?? null)
      : batches.originOf(batchId, id);

  const isSourceWhole: Staging['isSourceWhole'] = ({ id, source }) => isWhole(layout.source(id), source);
  const dropDeletion = async (id: string) => void (await removeFile(layout.deletion(id)));

  async function eraseRow(record: ImageRecord): Promise<void> {
    const found = await batches.locate(record.batchId, record.id);
    if (found === null) return;
    const { manifest, place } = found;
    const { id } = manifest.entry;
    // All rows of a deleted batch are removed together.
    const isPurged = (await batches.tombstone(id)) !== null;
    if (isPurged || (await batches.changes(id)).includes('deleted')) return;
    await manifest.erase(place, async (other) => {
      const entry = await entries.ownEntry(other);
      return entry !== null && isDeletedStatus(entry.record.status);
    });
  }

  return {
    ...stagingAt(dataDir),
    ...openLists(layout),
    batches,
    uploads,
    reviews: openReviews((id) => openFolderNotes(layout.image(id)), isSourceWhole),
    outputs,
    entry: entries.entry,
    ownEntry: entries.ownEntry,
    openArrival: (id) => openArrival(layout, id, log),
    openUploadedArrival: (id, uploadId) => openUploadedArrival(layout, id, uploadId, log),
    openUnfetchedArrival: (id) => openUnfetchedArrival(layout, id, log),
    openSourceArrival: (record, from, maxBytes) => openSourceArrival(layout, record, from, maxBytes),
    openSource: async (id) => localFile(layout.source(id)),
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
      const isDeleted = isDeletedStatus(record.status);
      const write = isItem && !isDeleted ? writeWhole : writeDurably;
      await write(layout.outcome(record.id), outcome).catch(async () => {
        // Frees space for the outcome on a full disk.
        await outputs.discard(record.id);
        await write(layout.outcome(record.id), outcome);
      });
      // A retry needs the submission, which has the bytes, or the URL and its headers.
      if (isKeptForRetry(record)) {
        await outputs.discard(record.id);
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
    forget: (id) => removeImage(layout, id),

    has: (id, part) => isThere(layout[part](id)),
    writtenAt: (id, part) => modifiedAt(layout[part](id)),
    isIdle: (id, ms) => isIdle(layout, layout.image(id), ms),
    bytesOf: (id) => bytesBelow(layout.image(id)),
    dropFiles: (id) => removeFolder(layout.image(id)),
  };
}
