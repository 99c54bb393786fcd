import type { UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import type { Parts } from '../deps.js';

/** Removes an upload, which then no longer counts for its owner. */
export async function discardUpload(
  { staging, shares }: Parts<'staging' | 'shares'>,
  { id, owner }: UploadEntry,
): Promise<void> {
  await staging.uploads.remove(id);
  await shares.releaseResumable(owner, id);
}
