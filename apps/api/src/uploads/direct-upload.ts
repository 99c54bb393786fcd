import { randomBytes } from 'node:crypto';
import type { DirectUpload, DirectUploadRequest } from '@pixdock/contract/direct-upload';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { asError } from '@pixdock/shared/runtime/as-error';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { tooLarge } from '@pixdock/shared/state/files/sink';
import type { DirectUploadEntry, DirectUploads } from '@pixdock/shared/state/uploads/direct-uploads';
import { bytesOfUpload } from '@pixdock/shared/state/uploads/upload-entry';
import { displayName } from '../body/filename.js';
import type { ApiDeps, Parts } from '../deps.js';
import type { ApiContext } from '../http/env.js';

/** OSS accepts the form for a quarter of it. The rest is for the submission, which may have to be repeated. */
const DIRECT_LIFETIME_MS = 3600_000;

/**
 * Creates an upload whose file the client posts to OSS.
 * @throws PixdockError not_found if staging is a folder, payload_too_large, or as POST /v1/images for the limits of the owner
 */
export async function createDirectUpload(
  c: ApiContext,
  deps: ApiDeps,
  request: DirectUploadRequest,
): Promise<DirectUpload> {
  const { config, shares, backlog, diskQuota, tokenUses } = deps;
  const { owner, token } = c.get('caller');
  const directUploads = expectBucket(deps);
  const limit = Math.min(config.maxUploadBytes, token?.maxBytes ?? config.maxUploadBytes);
  const { bytes: maxBytes = limit, filename = null } = request;
  if (maxBytes > limit) throw tooLarge(limit, maxBytes);
  const id = `upl_${randomBytes(16).toString('hex')}`;
  const expiresAt = isoTime(nowMs() + DIRECT_LIFETIME_MS);
  const entry: DirectUploadEntry = {
    id,
    owner,
    uploadToken: token?.id ?? null,
    maxBytes,
    filename: filename === null ? null : displayName(filename),
    createdAt: isoTime(),
    expiresAt,
  };
  await backlog.expectRedis();
  await using _ = await shares.admit(owner, 'image');
  await shares.admitResumable(owner, id, expiresAt);
  try {
    // The file does not pass through this process: all its bytes count from now on.
    const declaredBytes = bytesOfUpload(entry, maxBytes);
    using reservation = await diskQuota.reserve({ id, owner, declaredBytes });
    await using use = await tokenUses.take(token);
    const form = await directUploads.create(entry);
    use.keep();
    reservation.commit(declaredBytes);
    return { id, ...form, expiresAt: form.expiresAt.toISOString() };
  } catch (error) {
    await shares.releaseResumable(owner, id);
    throw error;
  }
}

/**
 * The caller's direct upload whose file is in OSS; an upload token finds only its own.
 * @throws PixdockError not_found, also for another owner's upload
 */
export async function findDirectUpload(
  c: ApiContext,
  deps: Parts<'staging'>,
  id: string,
): Promise<DirectUploadEntry> {
  const { owner, token } = c.get('caller');
  const found = await expectBucket(deps).read(id);
  const isOwn = found?.upload.owner === owner && (token === null || found.upload.uploadToken === token.id);
  if (found === null || !isOwn)
    throw new PixdockError('not_found', detailOf('direct-upload-unknown', { id }));
  if (found.bytes === null)
    throw new PixdockError('not_found', detailOf('direct-upload-without-file', { id }));
  return found.upload;
}

/** Removes a direct upload that has become an image. */
export async function discardDirectUpload(
  { staging, shares, log }: Parts<'staging' | 'shares' | 'log'>,
  owner: string,
  id: string,
): Promise<void> {
  try {
    await staging.directUploads?.remove(id);
  } catch (error) {
    log.warn({ err: asError(error), id }, 'a direct upload stays until it expires');
  }
  await shares.releaseResumable(owner, id);
}

function expectBucket({ staging }: Parts<'staging'>): DirectUploads {
  if (staging.directUploads === null)
    throw new PixdockError('not_found', detailOf('direct-uploads-need-bucket'));
  return staging.directUploads;
}
