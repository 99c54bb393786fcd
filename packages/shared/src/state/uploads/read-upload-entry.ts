import type { z } from 'zod';
import { orUnreadable } from '../../runtime/unreadable.js';
import { uploadFiles } from '../files/layout.js';
import { readIfThere } from '../files/optional-file.js';
import {
  type FinishedUpload,
  finishedUploadSchema,
  type UploadEntry,
  uploadEntrySchema,
} from './upload-entry.js';

/** The entry of the upload in a folder; null if it does not exist or cannot be read. */
export const readUploadEntry = (folder: string): Promise<UploadEntry | null> =>
  readAs(uploadEntrySchema, uploadFiles(folder).entry);

/** The finished upload in a file; null if it does not exist or cannot be read. */
export const readFinishedUpload = (path: string): Promise<FinishedUpload | null> =>
  readAs(finishedUploadSchema, path);

async function readAs<T>(schema: z.ZodType<T>, path: string): Promise<T | null> {
  const text = await readIfThere(path);
  if (text === null) return null;
  const entry = await orUnreadable(async () => schema.parse(JSON.parse(text)));
  return entry === 'unreadable' ? null : entry;
}
