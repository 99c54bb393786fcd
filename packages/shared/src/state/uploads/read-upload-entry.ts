import { orUnreadable } from '../../runtime/unreadable.js';
import { uploadFiles } from '../files/layout.js';
import { readIfThere } from '../files/optional-file.js';
import { type UploadEntry, uploadEntrySchema } from './upload-entry.js';

/** The entry of the upload in a folder; null if it does not exist or cannot be read. */
export async function readUploadEntry(folder: string): Promise<UploadEntry | null> {
  const text = await readIfThere(uploadFiles(folder).entry);
  if (text === null) return null;
  const entry = await orUnreadable(async () => uploadEntrySchema.parse(JSON.parse(text)));
  return entry === 'unreadable' ? null : entry;
}
