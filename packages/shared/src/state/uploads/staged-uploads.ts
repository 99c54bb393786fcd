import { open, writeFile } from 'node:fs/promises';
import type { Logger } from '../../runtime/log.js';
import { addDurably } from '../files/durable.js';
import { makeFolder } from '../files/folder.js';
import { type StagingLayout, uploadFiles } from '../files/layout.js';
import { readIfThere, removeFile } from '../files/optional-file.js';
import { removeArrival } from '../files/walk.js';
import { readUploadEntry } from './read-upload-entry.js';
import { type UploadEntry, type UploadResult, uploadResultSchema } from './upload-entry.js';
import { openUploadWriter, type UploadWriter } from './upload-writer.js';

/** A resumable upload. */
export interface StagedUpload {
  entry: UploadEntry;
  /** Bytes that are received and durable. */
  offset: number;
  /** Null until the upload has become an image or a batch. */
  result: UploadResult | null;
}

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
  /** Records durably what the upload became, and removes its bytes. */
  finish(id: string, result: UploadResult): Promise<void>;
  /** Removes an upload; false if it is gone. */
  remove(id: string): Promise<boolean>;
}

export function openStagedUploads(layout: StagingLayout, log?: Logger): StagedUploads {
  const filesOf = (id: string) => uploadFiles(layout.upload(id));
  return {
    pathOf: (id) => filesOf(id).data,

    async create(entry) {
      const folder = layout.upload(entry.id);
      await makeFolder(folder, { sync: true });
      await writeFile(uploadFiles(folder).data, '', { flag: 'wx', mode: 0o600 });
      // Last: an upload without this file does not exist. It syncs the folder with the name of the other file.
      await addDurably(uploadFiles(folder).entry, JSON.stringify(entry));
    },

    async read(id) {
      const files = filesOf(id);
      const entry = await readUploadEntry(layout.upload(id));
      if (entry === null || Date.parse(entry.expiresAt) <= Date.now()) return null;
      const ended = await readIfThere(files.result);
      if (ended !== null)
        return { entry, offset: entry.length, result: uploadResultSchema.parse(JSON.parse(ended)) };
      const offset = await durableOffset(files);
      return offset === null ? null : { entry, offset, result: null };
    },

    write: (id, offset, isChecked) => openUploadWriter(layout.upload(id), offset, isChecked, log),

    async finish(id, result) {
      await addDurably(filesOf(id).result, JSON.stringify(result));
      await removeFile(filesOf(id).data);
    },

    remove: (id) => removeArrival(layout.upload(id)),
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
