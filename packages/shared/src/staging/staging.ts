import { createWriteStream, type WriteStream } from 'node:fs';
import { access, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageRecord } from '../contract/image.js';
import { isSettled } from '../contract/view.js';
import { makeFolder, readIfThere, syncDirectory, writeDurably } from './durable.js';
import { type Entry, entrySchema } from './entry.js';
import { type StagingLayout, stagingLayout } from './layout.js';

/** A source on its way in. */
export interface Arrival {
  /** Takes the bytes; its end means they are written, not yet that they are safe. */
  stream: WriteStream;
  /** Makes source and submission durable and visible as one. The 202 may be given after this. */
  commit(entry: Entry): Promise<void>;
  /** Removes every trace. */
  discard(): Promise<void>;
}

export interface Staging {
  layout: StagingLayout;
  receive(id: string): Promise<Arrival>;
  /** The newest account of an image: its outcome, or else its submission; null when there is neither. */
  entry(id: string): Promise<Entry | null>;
  /** Size of the source; null when it is gone. */
  sourceBytes(id: string): Promise<number | null>;
  /** Notes that a new run begins, so that it survives the loss of Redis. */
  resubmit(record: ImageRecord): Promise<void>;
  /** Notes a final status and lets go of what is no longer needed: everything but a failed image's source. */
  settle(record: ImageRecord): Promise<void>;
  /** Notes that an image is to be deleted. */
  requestDelete(id: string): Promise<void>;
  /** Removes all there is of an image, the account too. */
  forget(id: string): Promise<void>;
}

/** Temporary storage on a disk that API and workers share. Makes its folders, readable by their owner only. */
export async function openStaging(dataDir: string): Promise<Staging> {
  const layout = stagingLayout(dataDir);
  for (const folder of [layout.root, layout.incoming, layout.live, layout.outcomes, layout.deletions])
    await makeFolder(folder);

  const read = async (path: string): Promise<Entry | null> => {
    const text = await readIfThere(path);
    return text === null ? null : entrySchema.parse(JSON.parse(text));
  };
  const readOutcome = (id: string) => read(layout.outcome(id));
  const readSubmission = (id: string) => read(layout.submission(id));

  async function entry(id: string): Promise<Entry | null> {
    const [outcome, submission] = await Promise.all([readOutcome(id), readSubmission(id)]);
    const resubmitted = outcome !== null && submission !== null && submission.record.run > outcome.record.run;
    const newest = resubmitted ? submission : (outcome ?? submission);
    if (newest === null || newest.record.deleteRequestedAt !== null) return newest;
    const deleting = await access(layout.deletion(id)).then(
      () => true,
      () => false,
    );
    return deleting
      ? { ...newest, record: { ...newest.record, deleteRequestedAt: newest.record.updatedAt } }
      : newest;
  }

  return {
    layout,
    entry,
    receive: (id) => receive(layout, id),
    sourceBytes: (id) =>
      stat(layout.source(id)).then(
        ({ size }) => size,
        () => null,
      ),

    async resubmit(record) {
      const submission = await readSubmission(record.id);
      const idempotency = submission?.idempotency ?? null;
      await writeDurably(
        layout.submission(record.id),
        JSON.stringify({ record, idempotency } satisfies Entry),
      );
    },

    async settle(record) {
      if (!isSettled(record)) throw new TypeError(`${record.id} is not settled`);
      const idempotency = (await entry(record.id))?.idempotency ?? null;
      await writeDurably(layout.outcome(record.id), JSON.stringify({ record, idempotency } satisfies Entry));
      const spent = record.status === 'failed' ? layout.output(record.id) : layout.image(record.id);
      await rm(spent, { recursive: true, force: true });
      if (record.status === 'deleted') await rm(layout.deletion(record.id), { force: true });
    },

    requestDelete: (id) => writeDurably(layout.deletion(id), ''),

    async forget(id) {
      await rm(layout.image(id), { recursive: true, force: true });
      await rm(layout.deletion(id), { force: true });
      await rm(layout.outcome(id), { force: true });
    },
  };
}

async function receive(layout: StagingLayout, id: string): Promise<Arrival> {
  const folder = layout.arriving(id);
  // A repeat of a request whose server died meets the same id: what that one left is worthless.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  let committed = false;
  const stream = createWriteStream(join(folder, 'source'), { flags: 'wx', mode: 0o600, flush: true });
  return {
    stream,
    async commit(entry) {
      await writeDurably(join(folder, 'submission.json'), JSON.stringify(entry));
      const shard = dirname(layout.image(id));
      if ((await mkdir(shard, { recursive: true, mode: 0o700 })) !== undefined)
        await syncDirectory(layout.live);
      await rename(folder, layout.image(id));
      committed = true;
      await syncDirectory(shard);
    },
    async discard() {
      await new Promise<void>((resolve) => {
        if (stream.closed) return resolve();
        stream.once('close', resolve);
        stream.destroy();
      });
      await rm(folder, { recursive: true, force: true });
      if (committed) await rm(layout.image(id), { recursive: true, force: true });
    },
  };
}
