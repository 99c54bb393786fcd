import { PixdockError } from '@pixdock/contract/error';
import { BATCH_ID } from '@pixdock/contract/ids';
import { detailOf } from '@pixdock/contract/messages/detail';
import { isDeletedStatus, isSettled } from '@pixdock/contract/status';
import { faultpoint } from '../../runtime/faultpoint.js';
import type { Logger } from '../../runtime/log.js';
import type { StagedLists } from '../folder-staging/walk.js';
import type { Entry } from '../images/entry.js';
import { type ImageRecord, isKeptForRetry } from '../images/image-record.js';
import { openReviews } from '../reviews.js';
import type { Staging, UnopenedStaging } from '../staging.js';
import { uploadIdOf } from '../uploads/upload-entry.js';
import { logLeftover } from './log-leftover.js';
import { type BatchStore, openStagedBatches } from './staged-batches.js';
import { ifReadable, openStagedEntries } from './staged-entries.js';
import type { StagedFiles } from './staged-files.js';
import { batchFiles, stagedNames } from './staged-names.js';

/** What differs between a staging in a folder and one in a bucket. */
export interface StagingMedium
  extends UnopenedStaging,
    StagedLists,
    Pick<
      Staging,
      | 'openArrival'
      | 'openUploadedArrival'
      | 'openSourceArrival'
      | 'openSource'
      | 'isSourceWhole'
      | 'hasOwnSource'
      | 'outputs'
      | 'uploads'
      | 'directUploads'
    > {
  files: StagedFiles;
  batches: BatchStore;
}

/**
 * Opens the staging on a medium, whose folders exist.
 * @param log for failures to remove files that are not accepted
 */
export function openStagingOn({ files, batches: store, ...medium }: StagingMedium, log?: Logger): Staging {
  const { outputs, uploads, directUploads, hasOwnSource } = medium;
  const batches = openStagedBatches(files, store);
  const entries = openStagedEntries(files, batches);

  const originOf = async ({ id, batchId }: ImageRecord) =>
    batchId === null
      ? ((await ifReadable(() => entries.readSubmission(id)))?.origin ?? null)
      : batches.originOf(batchId, id);

  const dropDeletion = (id: string) => files.removeUnsynced(stagedNames.deletion(id));

  async function forget(id: string): Promise<void> {
    await files.removeAll(stagedNames.image(id));
    await files.removeUnsynced(stagedNames.outcome(id));
    await files.removeUnsynced(stagedNames.kept(id));
  }

  /** Removes a submission, unless another request has staged an image with this id. */
  async function removeOwn(id: string, submission: string): Promise<void> {
    const name = stagedNames.submission(id);
    const staged = await files.read(name);
    if (staged !== null && staged !== submission) return;
    await files.remove(name);
    await forget(id);
  }

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
    ...medium,
    batches,
    reviews: openReviews(files, stagedNames.review, hasOwnSource),
    entry: entries.entry,
    async adopt(id) {
      const isBatch = BATCH_ID.test(id);
      await files.adopt(isBatch ? batchFiles(stagedNames.batch(id)).entry : stagedNames.submission(id));
      return isBatch ? ((await batches.open(id, 0))?.entry ?? null) : entries.entry(id);
    },
    ownEntry: entries.ownEntry,
    origin: originOf,

    openUnfetchedArrival(id) {
      const name = stagedNames.submission(id);
      let written: string | null = null;
      return {
        stream: null,
        async commit(submission) {
          const { origin } = submission;
          if (origin?.kind === 'direct' && !(await directUploads?.becomeSource(origin.upload, id)))
            throw new PixdockError('not_found', detailOf('direct-upload-unknown', { id: origin.upload }));
          written = JSON.stringify(submission);
          if (await files.create(name, written)) return;
          written = null;
          throw new Error(`${id} was staged by another request`);
        },
        keep() {
          written = null;
        },
        async [Symbol.asyncDispose]() {
          if (written === null) return;
          const own = written;
          written = null;
          await removeOwn(id, own).catch(logLeftover(log, id));
        },
      };
    },

    async *outcomes(part) {
      for await (const { id, writtenAt, read } of medium.outcomes(part))
        yield { id, writtenAt, entry: async () => entries.parse(await read()) };
    },

    async *ids() {
      const seen = new Set<string>();
      for await (const id of medium.live()) {
        seen.add(id);
        yield id;
      }
      for await (const { id } of medium.outcomes()) if (!seen.has(id)) yield id;
    },

    async hasSource(record) {
      if (record.batchId !== null && (await batches.hasSource(record.batchId, record.id))) return true;
      if (record.batchId === null && (await originOf(record)) !== null) return true;
      return record.source.bytes !== null && hasOwnSource(record);
    },

    async resubmit(record) {
      const { idempotency = null, origin = null } =
        (await ifReadable(() => entries.readSubmission(record.id))) ?? {};
      // The version of the record with the new run. If Redis loses the run, its record has a lower version, and a restore repeats it.
      const version = record.version + 1;
      const submission = JSON.stringify({ record: { ...record, version }, origin, idempotency });
      const name = stagedNames.submission(record.id);
      if (record.batchId === null) return files.add(name, submission);
      return files.write(name, submission).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          // A deletion removes the folder at this moment.
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
      const name = stagedNames.outcome(record.id);
      const write = () =>
        isItem && !isDeleted
          ? files.writeUnsynced(name, outcome, record.version)
          : files.write(name, outcome, record.version);
      await write().catch(async () => {
        // Frees space for the outcome on a full disk.
        await outputs.discard(record.id);
        await write();
      });
      faultpoint('outcome-written');
      // A retry needs the submission, which has the bytes, or the URL and its headers.
      if (isKeptForRetry(record)) {
        await outputs.discard(record.id);
        if (record.source.kind === 'url') await files.removeUnsynced(stagedNames.source(record.id));
      } else await files.removeAll(stagedNames.image(record.id));
      if (!isDeleted) return;
      await files.removeOlder(name);
      if (isItem) await eraseRow(record);
      else await uploads.remove(uploadIdOf(record.id));
      await dropDeletion(record.id);
    },

    requestDelete: (id) => files.write(stagedNames.deletion(id), ''),
    dropDeletion,
    keep: (id) => files.write(stagedNames.kept(id), ''),
    forget,

    has: (id, part) => files.has(stagedNames[part](id)),
    writtenAt: (id, part) => files.writtenAt(stagedNames[part](id)),
    isIdle: (id, ms) => files.isIdle(stagedNames.image(id), ms),
    bytesOf: (id) => files.bytesBelow(stagedNames.image(id)),
    dropFiles: (id) => files.removeAll(stagedNames.image(id)),
  };
}
