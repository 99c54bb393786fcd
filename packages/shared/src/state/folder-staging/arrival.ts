import { createWriteStream, type WriteStream } from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../runtime/log.js';
import { discardStream } from '../files/byte-writer.js';
import { writeUnsynced } from '../files/durable.js';
import { syncPath } from '../files/folder.js';
import type { Entry } from '../images/entry.js';
import { logLeftover } from '../staged/log-leftover.js';
import { uploadFiles } from '../staged/staged-names.js';
import { type ArrivalFolder, makeArrivalFolder } from './arrival-folder.js';
import type { StagingLayout } from './layout.js';

/** An image that is being received. Disposal removes it unless `keep` was called. */
export interface ImageArrival extends AsyncDisposable {
  /** Takes the source, which is written at its end, but not durable. Null if the source is fetched later. */
  stream: WriteStream | null;
  /** Makes source and submission durable, and visible in one step. The 202 may be sent after this. */
  commit(entry: Entry): Promise<void>;
  /** Accepts the image: disposal no longer removes it. */
  keep(): void;
}

/** Up to this size, chunks that arrive during a write are written together, because each write wakes a thread. */
const WRITE_BYTES = 128 * 1024;

/** Begins an image whose source arrives now. */
export async function openArrival(
  layout: StagingLayout,
  id: string,
  log?: Logger,
): Promise<ImageArrival & { stream: WriteStream }> {
  const folder = await makeArrivalFolder(layout, id);
  const stream = createWriteStream(sourceIn(folder), {
    flags: 'wx',
    mode: 0o600,
    highWaterMark: WRITE_BYTES,
  });
  return { stream, ...arrivalIn(folder, { layout, id, log, close: () => discardStream(stream) }) };
}

/**
 * Begins an image whose source is a resumable upload. A link instead of a copy: the upload may be as large as a batch may
 * be, and its bytes are durable.
 */
export async function openUploadedArrival(
  layout: StagingLayout,
  id: string,
  uploadId: string,
  log?: Logger,
): Promise<ImageArrival & { stream: null }> {
  const folder = await makeArrivalFolder(layout, id);
  const arrival = arrivalIn(folder, { layout, id, log, close: async () => {} });
  try {
    await link(uploadFiles(layout.upload(uploadId)).data, sourceIn(folder));
  } catch (error) {
    await arrival[Symbol.asyncDispose]();
    throw error;
  }
  return { stream: null, ...arrival };
}

const sourceIn = ({ path }: ArrivalFolder) => join(path, 'source');

interface ArrivalParts {
  layout: StagingLayout;
  id: string;
  log: Logger | undefined;
  /** Closes what writes to the folder. */
  close: () => Promise<void>;
}

function arrivalIn(
  folder: ArrivalFolder,
  { layout, id, log, close }: ArrivalParts,
): Omit<ImageArrival, 'stream'> {
  let isOver = false;
  return {
    async commit(entry) {
      const submission = join(folder.path, 'submission.json');
      await writeUnsynced(submission, JSON.stringify(entry));
      // Syncs at the same time share a commit of the file system's journal.
      await Promise.all([sourceIn(folder), submission, folder.path].map(syncPath));
      await folder.moveTo(layout.image(id));
    },
    keep() {
      isOver = true;
    },
    async [Symbol.asyncDispose]() {
      if (isOver) return;
      isOver = true;
      await close();
      await folder.remove().catch(logLeftover(log, id));
    },
  };
}
