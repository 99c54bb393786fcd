import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orUnreadable } from '../runtime/unreadable.js';
import { openStagedBatches, type StagedBatches } from './batches/staged-batches.js';
import { makeArrivalFolder } from './files/arrival-folder.js';
import {
  abandon,
  addDurably,
  isThere,
  makeFolder,
  readIfThere,
  writeDurably,
  writeWhole,
} from './files/durable.js';
import { type StagingLayout, stagingLayout } from './files/layout.js';
import { isWhole } from './files/source-file.js';
import { type Entry, entrySchema } from './records/entry.js';
import type { ImageRecord } from './records/image-record.js';
import type { Origin } from './records/origin.js';
import { isSettled } from './records/view.js';

/** A source that is being received. */
export interface Arrival {
  /** Takes the bytes. After its end they are written, but not durable. */
  stream: WriteStream;
  /** Makes source and submission durable, and visible in one step. The 202 may be sent after this. */
  commit(entry: Entry): Promise<void>;
  /** Removes what was received. */
  discard(): Promise<void>;
}

export interface Staging {
  layout: StagingLayout;
  batches: StagedBatches;
  receive(id: string): Promise<Arrival>;
  /** Makes a submission without a source durable. */
  submit(entry: Entry): Promise<void>;
  /** The newest entry of an image: its outcome, its submission, or its line in its batch; null if there is none. */
  entry(id: string): Promise<Entry | null>;
  /** The image's own entry: null for an item of a batch to which nothing has happened. */
  ownEntry(id: string): Promise<Entry | null>;
  /** Whether the source is in staging, and complete and unchanged. */
  isSourceWhole(record: ImageRecord): Promise<boolean>;
  /** The location to fetch the source from; null if the submission contained the source, or the location is lost. */
  origin(record: ImageRecord): Promise<Origin | null>;
  /** Whether the source is in staging or can be fetched again. */
  hasSource(record: ImageRecord): Promise<boolean>;
  /** Records a new run durably. */
  resubmit(record: ImageRecord): Promise<void>;
  /** Records a final status, and removes the image's files except those that a failed image needs for `retry`. */
  settle(record: ImageRecord): Promise<void>;
  /** Records durably that an image is to be deleted. */
  requestDelete(id: string): Promise<void>;
  /** Removes the request to delete an image. */
  dropDeletion(id: string): Promise<void>;
  /** Removes all files of an image except a request to delete it, which needs none of them. */
  forget(id: string): Promise<void>;
}

/** Opens the temporary storage on a disk that API and workers share. Creates its folders, readable by their owner only. */
export async function openStaging(dataDir: string): Promise<Staging> {
  const layout = stagingLayout(dataDir);
  const { root, incoming, live, outcomes, deletions } = layout;
  for (const folder of [root, incoming, live, outcomes, deletions, layout.batches])
    await makeFolder(folder, { sync: true });
  const batches = openStagedBatches(layout);

  const read = async (path: string): Promise<Entry | null> => {
    const text = await readIfThere(path);
    return text === null ? null : entrySchema.parse(JSON.parse(text));
  };
  const readOutcome = (id: string) => read(layout.outcome(id));
  const readSubmission = (id: string) => read(layout.submission(id));

  async function ownEntry(id: string): Promise<Entry | null> {
    const [outcome, submission] = await Promise.all([readOutcome(id), readSubmission(id)]);
    const resubmitted = outcome !== null && submission !== null && submission.record.run > outcome.record.run;
    return resubmitted ? submission : (outcome ?? submission);
  }

  async function entry(id: string): Promise<Entry | null> {
    const newest = (await ownEntry(id)) ?? (await batches.entryOf(id));
    if (newest === null || newest.record.deleteRequestedAt !== null) return newest;
    return (await isThere(layout.deletion(id)))
      ? { ...newest, record: { ...newest.record, deleteRequestedAt: newest.record.updatedAt } }
      : newest;
  }

  // A damaged file must not stop the image: continue without it.
  async function readable(reading: Promise<Entry | null>): Promise<Entry | null> {
    const found = await orUnreadable(() => reading);
    return found === 'unreadable' ? null : found;
  }
  const originOf = async ({ id, batchId }: ImageRecord) =>
    batchId === null ? ((await readable(readSubmission(id)))?.origin ?? null) : batches.originOf(batchId, id);

  const isSourceWhole = ({ id, source }: ImageRecord) => isWhole(layout.source(id), source);
  const dropDeletion = (id: string) => rm(layout.deletion(id), { force: true });
  const writeSubmission = (submission: Entry) =>
    writeDurably(layout.submission(submission.record.id), JSON.stringify(submission));

  return {
    layout,
    batches,
    entry,
    ownEntry,
    receive: (id) => receive(layout, id),
    async submit(submission) {
      try {
        await writeSubmission(submission);
      } catch (error) {
        await rm(layout.image(submission.record.id), { recursive: true, force: true });
        throw error;
      }
    },
    isSourceWhole,

    origin: originOf,

    async hasSource(record) {
      if (record.batchId !== null && (await batches.hasSource(record.batchId, record.id))) return true;
      if (record.batchId === null && (await originOf(record)) !== null) return true;
      return record.source.bytes !== null && isSourceWhole(record);
    },

    async resubmit(record) {
      const { idempotency = null, origin = null } = (await readable(readSubmission(record.id))) ?? {};
      // The version that the record will have: otherwise a Redis that went back would not appear to be behind.
      const version = record.version + 1;
      await writeSubmission({ record: { ...record, version }, origin, idempotency });
    },

    async settle(record) {
      if (!isSettled(record)) throw new TypeError(`${record.id} is not settled`);
      const isItem = record.batchId !== null;
      const idempotency = isItem ? null : ((await readable(ownEntry(record.id)))?.idempotency ?? null);
      const outcome: Entry = { record, origin: null, idempotency };
      // Frees space for the outcome on a full disk.
      await rm(layout.output(record.id), { recursive: true, force: true });
      // If a power failure loses the outcome of an item, the batch processes it again, to the same bytes and keys.
      await (isItem ? writeWhole : writeDurably)(layout.outcome(record.id), JSON.stringify(outcome));
      // A retry needs what only the submission has: the bytes, or the URL and its headers.
      const isKept = record.status === 'failed' && !isItem;
      if (isKept) {
        if (record.source.kind === 'url') await rm(layout.source(record.id), { force: true });
      } else await rm(layout.image(record.id), { recursive: true, force: true });
      if (record.status === 'deleted') await dropDeletion(record.id);
    },

    requestDelete: (id) => writeDurably(layout.deletion(id), ''),
    dropDeletion,

    async forget(id) {
      await rm(layout.image(id), { recursive: true, force: true });
      await rm(layout.outcome(id), { force: true });
    },
  };
}

async function receive(layout: StagingLayout, id: string): Promise<Arrival> {
  const folder = await makeArrivalFolder(layout, id);
  const stream = createWriteStream(join(folder.path, 'source'), { flags: 'wx', mode: 0o600, flush: true });
  return {
    stream,
    async commit(entry) {
      await addDurably(join(folder.path, 'submission.json'), JSON.stringify(entry));
      await folder.moveTo(layout.image(id));
    },
    async discard() {
      await abandon(stream);
      await folder.remove();
    },
  };
}
