import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../runtime/log.js';
import { orUnreadable } from '../runtime/unreadable.js';
import { openStagedBatches, type StagedBatches } from './batches/staged-batches.js';
import { logLeftover, makeArrivalFolder } from './files/arrival-folder.js';
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

/** An image that is being received. Disposal removes every trace of it, unless `keep` was called. */
export interface Arrival extends AsyncDisposable {
  /** Takes the source; its end means that it is written, not yet that it is durable. Null where the source is fetched later. */
  stream: WriteStream | null;
  /** Makes source and submission durable and visible at once. The 202 may be sent after this. */
  commit(entry: Entry): Promise<void>;
  /** The image is accepted. */
  keep(): void;
}

export interface Staging {
  layout: StagingLayout;
  batches: StagedBatches;
  receive(id: string): Promise<Arrival & { stream: WriteStream }>;
  /** An arrival of a submission without bytes. */
  receiveAddress(id: string): Arrival & { stream: null };
  /** The newest account of an image: its outcome, its submission, or its line in its batch; null when there is none. */
  entry(id: string): Promise<Entry | null>;
  /** As `entry`, without what only its batch tells: null while nothing has happened to an item. */
  account(id: string): Promise<Entry | null>;
  /** Whether the source is here, byte for byte as it came. */
  isSourceWhole(record: ImageRecord): Promise<boolean>;
  /** Where the source is fetched from; null when it came with the submission, or nothing is known of it any more. */
  origin(record: ImageRecord): Promise<Origin | null>;
  /** Whether what the image is made from is still at hand, or can be fetched again. */
  hasSource(record: ImageRecord): Promise<boolean>;
  /** Notes that a new run begins, so that it survives the loss of Redis. */
  resubmit(record: ImageRecord): Promise<void>;
  /** Notes a final status and lets go of what is no longer needed: everything but what a failed image needs for `retry`. */
  settle(record: ImageRecord): Promise<void>;
  /** Notes that an image is to be deleted. */
  requestDelete(id: string): Promise<void>;
  /** Takes back that an image is to be deleted. */
  dropDeletion(id: string): Promise<void>;
  /** Removes all there is of an image, the account too; not that it is to be deleted, which is done without. */
  forget(id: string): Promise<void>;
}

/**
 * Temporary storage on a disk that API and workers share. Makes its folders, readable by their owner only.
 * @param log for failures to remove what is not accepted
 */
export async function openStaging(dataDir: string, log?: Logger): Promise<Staging> {
  const layout = stagingLayout(dataDir);
  const { root, incoming, live, outcomes, deletions } = layout;
  for (const folder of [root, incoming, live, outcomes, deletions, layout.batches])
    await makeFolder(folder, { sync: true });
  const batches = openStagedBatches(layout, log);

  const read = async (path: string): Promise<Entry | null> => {
    const text = await readIfThere(path);
    return text === null ? null : entrySchema.parse(JSON.parse(text));
  };
  const readOutcome = (id: string) => read(layout.outcome(id));
  const readSubmission = (id: string) => read(layout.submission(id));

  async function account(id: string): Promise<Entry | null> {
    const [outcome, submission] = await Promise.all([readOutcome(id), readSubmission(id)]);
    const resubmitted = outcome !== null && submission !== null && submission.record.run > outcome.record.run;
    return resubmitted ? submission : (outcome ?? submission);
  }

  async function entry(id: string): Promise<Entry | null> {
    const newest = (await account(id)) ?? (await batches.entryOf(id));
    if (newest === null || newest.record.deleteRequestedAt !== null) return newest;
    return (await isThere(layout.deletion(id)))
      ? { ...newest, record: { ...newest.record, deleteRequestedAt: newest.record.updatedAt } }
      : newest;
  }

  // What is known of an image goes on, also without what only a damaged file could tell.
  async function readable(reading: Promise<Entry | null>): Promise<Entry | null> {
    const found = await orUnreadable(() => reading);
    return found === 'unreadable' ? null : found;
  }
  const originOf = async ({ id, batchId }: ImageRecord) =>
    batchId === null ? ((await readable(readSubmission(id)))?.origin ?? null) : batches.originOf(batchId, id);

  const isSourceWhole = ({ id, source }: ImageRecord) => isWhole(layout.source(id), source);
  const forget = async (id: string) => {
    await rm(layout.image(id), { recursive: true, force: true });
    await rm(layout.outcome(id), { force: true });
  };
  const dropDeletion = (id: string) => rm(layout.deletion(id), { force: true });
  const writeSubmission = (made: Entry) =>
    writeDurably(layout.submission(made.record.id), JSON.stringify(made));

  return {
    layout,
    batches,
    entry,
    account,
    receive: (id) => receive(layout, id, log),
    receiveAddress(id) {
      // Another request may have staged an image under this id: only what this one wrote is removed.
      let isOwn = false;
      return {
        stream: null,
        async commit(made) {
          isOwn = true;
          await writeSubmission(made);
        },
        keep() {
          isOwn = false;
        },
        async [Symbol.asyncDispose]() {
          if (!isOwn) return;
          isOwn = false;
          await forget(id).catch(logLeftover(log, id));
        },
      };
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
      // As the record will have it, so that a Redis which went back to before it is seen to be behind.
      const version = record.version + 1;
      await writeSubmission({ record: { ...record, version }, origin, idempotency });
    },

    async settle(record) {
      if (!isSettled(record)) throw new TypeError(`${record.id} is not settled`);
      const isItem = record.batchId !== null;
      const idempotency = isItem ? null : ((await readable(account(record.id)))?.idempotency ?? null);
      const outcome: Entry = { record, origin: null, idempotency };
      // Room for the outcome, should the disk be full.
      await rm(layout.output(record.id), { recursive: true, force: true });
      // An item whose outcome a loss of power undid is done once more, from the batch, to the same bytes and keys.
      await (isItem ? writeWhole : writeDurably)(layout.outcome(record.id), JSON.stringify(outcome));
      // A failed image may be tried again, and needs what only its submission has: bytes, or address and headers.
      const isKept = record.status === 'failed' && !isItem;
      if (isKept) {
        if (record.source.kind === 'url') await rm(layout.source(record.id), { force: true });
      } else await rm(layout.image(record.id), { recursive: true, force: true });
      if (record.status === 'deleted') await dropDeletion(record.id);
    },

    requestDelete: (id) => writeDurably(layout.deletion(id), ''),
    dropDeletion,

    forget,
  };
}

async function receive(
  layout: StagingLayout,
  id: string,
  log?: Logger,
): Promise<Arrival & { stream: WriteStream }> {
  const folder = await makeArrivalFolder(layout, id);
  const stream = createWriteStream(join(folder.path, 'source'), { flags: 'wx', mode: 0o600, flush: true });
  let isOver = false;
  return {
    stream,
    async commit(entry) {
      await addDurably(join(folder.path, 'submission.json'), JSON.stringify(entry));
      await folder.moveTo(layout.image(id));
    },
    keep() {
      isOver = true;
    },
    async [Symbol.asyncDispose]() {
      if (isOver) return;
      isOver = true;
      await abandon(stream);
      await folder.remove().catch(logLeftover(log, id));
    },
  };
}
