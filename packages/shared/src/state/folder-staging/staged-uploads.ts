import { open, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import type { Logger } from '../../runtime/log.js';
import { addDurably, writeDurably } from '../files/durable.js';
import { makeFolder } from '../files/folder.js';
import { readIfThere, removeFile } from '../files/optional-file.js';
import { uploadFiles } from '../staged/staged-names.js';
import {
  type FinishedUpload,
  finishedUploadSchema,
  isLiveUpload,
  parseUpload,
  type UploadEntry,
  uploadEntrySchema,
} from '../uploads/upload-entry.js';
import type { StagingLayout } from './layout.js';
import { type LocalFile, localFile } from './local-file.js';
import { openUploadWriter, type UploadWriter } from './upload-writer.js';
import { type Leftover, leftoverAt, removeArrival, sharded } from './walk.js';

/** A resumable upload, and the bytes that are received and durable. */
export type StagedUpload =
  | { isFinished: false; entry: UploadEntry; offset: number }
  | { isFinished: true; entry: FinishedUpload; offset: number };

/** The resumable uploads in staging. Changes to one upload need its lock. */
export interface StagedUploads {
  /** Creates an upload durably, without bytes. */
  create(entry: UploadEntry): Promise<void>;
  /** Null if it does not exist or has expired. */
  read(id: string): Promise<StagedUpload | null>;
  /**
   * Opens an upload for writing, and discards its bytes after `offset`.
   * @param isChecked whether the bytes count only after they were compared with a checksum
   */
  write(id: string, offset: number, isChecked: boolean): Promise<UploadWriter>;
  /** Opens the bytes of a complete upload. */
  open(id: string): Promise<LocalFile>;
  /** Records durably what the upload has become, and removes all else of it. Has no effect on an upload that was removed. */
  finish(entry: UploadEntry, resourceId: string): Promise<FinishedUpload>;
  /** Removes an upload; false if it is gone. */
  remove(id: string): Promise<boolean>;
  /** All uploads, also what a killed process left of one that it was finishing or removing. */
  leftovers(): AsyncGenerator<UploadLeftover>;
}

export interface UploadLeftover extends Leftover {
  /** Null without a readable entry. */
  expiresAt(): Promise<string | null>;
}

export function openStagedUploads(layout: StagingLayout, log?: Logger): StagedUploads {
  async function readUnfinished(id: string): Promise<StagedUpload | null> {
    const entry = await readUploadEntry(layout.upload(id));
    if (entry === null || !isLiveUpload(entry)) return null;
    const offset = await durableOffset(uploadFiles(layout.upload(id)));
    return offset === null ? null : { isFinished: false, entry, offset };
  }

  async function readFinished(id: string): Promise<StagedUpload | null> {
    const entry = await readFinishedUpload(layout.finishedUpload(id));
    return entry === null || !isLiveUpload(entry) ? null : { isFinished: true, entry, offset: entry.length };
  }

  return {
    open: async (id) => localFile(uploadFiles(layout.upload(id)).data),

    async create(entry) {
      const folder = layout.upload(entry.id);
      await makeFolder(folder, { sync: true });
      await writeFile(uploadFiles(folder).data, '', { flag: 'wx', mode: 0o600 });
      // Last: an upload without this file does not exist. It syncs the folder with the name of the other file.
      await addDurably(uploadFiles(folder).entry, JSON.stringify(entry));
    },

    // Another request may finish the upload in the meantime.
    read: async (id) => (await readFinished(id)) ?? (await readUnfinished(id)) ?? (await readFinished(id)),

    write: (id, offset, isChecked) => openUploadWriter(layout.upload(id), offset, isChecked, log),

    async finish(entry, resourceId) {
      const finished = finishedUploadSchema.parse({ ...entry, resourceId });
      const path = layout.finishedUpload(entry.id);
      await writeDurably(path, JSON.stringify(finished));
      // A deletion of the image removes the folder first, too.
      if (!(await removeArrival(layout.upload(entry.id)))) await removeFile(path);
      return finished;
    },

    async remove(id) {
      const isUnfinished = await removeArrival(layout.upload(id));
      return (await removeArrival(layout.finishedUpload(id))) || isUnfinished;
    },

    async *leftovers() {
      for await (const path of sharded(layout.uploads))
        yield { ...leftoverAt(layout, path), expiresAt: async () => (await readAt(path))?.expiresAt ?? null };
    },
  };
}

/** @param path of the folder of an upload, or of the file of a finished one */
async function readAt(path: string): Promise<FinishedUpload | null> {
  const finished = await readFinishedUpload(path.endsWith('.json') ? path : `${path}.json`);
  if (path.endsWith('.json')) return finished;
  // The rest of an upload that was finished has no time of its own.
  return finished === null && UPLOAD_ID.test(basename(path)) ? readUploadEntry(path) : null;
}

/** The entry of the upload in a folder; null if it does not exist or cannot be read. */
const readUploadEntry = async (folder: string): Promise<UploadEntry | null> =>
  parseUpload(uploadEntrySchema, await readIfThere(uploadFiles(folder).entry));

/** The finished upload in a file; null if it does not exist or cannot be read. */
const readFinishedUpload = async (path: string): Promise<FinishedUpload | null> =>
  parseUpload(finishedUploadSchema, await readIfThere(path));

/** Makes the received bytes durable, because a killed process may not have. Null if the upload was removed. */
async function durableOffset({ data, unchecked }: ReturnType<typeof uploadFiles>): Promise<number | null> {
  try {
    await using file = await open(data, 'r');
    await file.sync();
    const from = await readIfThere(unchecked);
    const { size } = await file.stat();
    return from === null ? size : Math.min(Number(from), size);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
