import { open, writeFile } from 'node:fs/promises';
import { nowMs } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/log.js';
import { addDurably, writeDurably } from '../files/durable.js';
import { makeFolder } from '../files/folder.js';
import { type StagingLayout, uploadFiles } from '../files/layout.js';
import { readIfThere, removeFile } from '../files/optional-file.js';
import { removeArrival } from '../files/walk.js';
import { readFinishedUpload, readUploadEntry } from './read-upload-entry.js';
import { type FinishedUpload, finishedUploadSchema, type UploadEntry } from './upload-entry.js';
import { openUploadWriter, type UploadWriter } from './upload-writer.js';

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
  /** The path of its bytes. */
  pathOf(id: string): string;
  /** Records durably what the upload has become, and removes all else of it. Has no effect on an upload that was removed. */
  finish(entry: UploadEntry, resourceId: string): Promise<FinishedUpload>;
  /** Removes an upload; false if it is gone. */
  remove(id: string): Promise<boolean>;
}

export function openStagedUploads(layout: StagingLayout, log?: Logger): StagedUploads {
  const isLive = ({ expiresAt }: FinishedUpload) => Date.parse(expiresAt) > nowMs();

  async function readUnfinished(id: string): Promise<StagedUpload | null> {
    const entry = await readUploadEntry(layout.upload(id));
    if (entry === null || !isLive(entry)) return null;
    const offset = await durableOffset(uploadFiles(layout.upload(id)));
    return offset === null ? null : { isFinished: false, entry, offset };
  }

  async function readFinished(id: string): Promise<StagedUpload | null> {
    const entry = await readFinishedUpload(layout.finishedUpload(id));
    return entry === null || !isLive(entry) ? null : { isFinished: true, entry, offset: entry.length };
  }

  return {
    pathOf: (id) => uploadFiles(layout.upload(id)).data,

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
  };
}

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
