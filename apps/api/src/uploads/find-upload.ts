import { PixdockError } from '@pixdock/contract/error';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import type { StagedUpload } from '@pixdock/shared/state/folder-staging/staged-uploads';
import type { UploadLock } from '@pixdock/shared/state/uploads/upload-locks';
import type { Parts } from '../deps.js';
import type { ApiContext } from '../http/env.js';

/**
 * The caller's upload with the id in the path; an upload token finds only its own.
 * @throws PixdockError not_found, also for another owner's upload
 */
export async function findUpload(
  c: ApiContext,
  { staging, writeLimits }: Parts<'staging' | 'writeLimits'>,
): Promise<StagedUpload> {
  const id = c.req.param('id') ?? '';
  const { owner, token } = c.get('caller');
  if (!UPLOAD_ID.test(id)) throw new PixdockError('not_found');
  // A read syncs the bytes, which may be gigabytes.
  using _ = await writeLimits.acquire(owner);
  const found = await staging.uploads.read(id);
  const isOwn = found?.entry.owner === owner && (token === null || found.entry.uploadToken === token.id);
  if (found === null || !isOwn) throw new PixdockError('not_found');
  return found;
}

/**
 * Acquires the lock of an upload, and reads the upload again.
 * @throws PixdockError upload_in_use, not_found
 */
export async function lockUpload(
  c: ApiContext,
  deps: Parts<'staging' | 'uploadLocks' | 'writeLimits'>,
): Promise<StagedUpload & { lock: UploadLock }> {
  const { entry } = await findUpload(c, deps);
  const lock = await deps.uploadLocks.acquire(entry.id);
  if (lock === null) throw new PixdockError('upload_in_use');
  try {
    return { ...(await findUpload(c, deps)), lock };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}
