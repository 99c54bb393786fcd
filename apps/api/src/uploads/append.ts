import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { StagedUpload } from '@pixdock/shared/state/folder-staging/staged-uploads';
import { bytesOfUpload } from '@pixdock/shared/state/uploads/upload-entry';
import type { UploadLock } from '@pixdock/shared/state/uploads/upload-locks';
import { requestBody } from '../body/request-body.js';
import type { Parts } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { compareChecksum, uploadChecksum } from './upload-checksum.js';

/**
 * Adds the body of a request to an upload, and returns the new offset once the bytes are durable. It keeps the bytes of an
 * interrupted request, unless the request has a checksum or a digest.
 * @throws PixdockError payload_too_large, checksum_mismatch, digest_mismatch, upload_in_use, or as `requestBody`
 */
export async function appendBody(
  c: ApiContext,
  { staging, diskQuota, writeLimits }: Parts<'staging' | 'diskQuota' | 'writeLimits'>,
  { entry, offset }: StagedUpload,
  lock: UploadLock,
): Promise<number> {
  const { id, owner, length } = entry;
  const remaining = length - offset;
  const declaredBytes = Number(c.req.header('Content-Length') ?? remaining);
  if (declaredBytes > remaining) throw tooLong(length);
  const checksum = uploadChecksum(c);
  const isChecked = checksum !== null || hasDigest(c);
  const storedBytes = bytesOfUpload(entry, offset);
  using reservation = await diskQuota.reserve({ id, owner, declaredBytes, storedBytes });
  await using writer = await staging.uploads.write(id, offset, isChecked);
  // A client that asks for the lock with another request has abandoned this connection.
  const hangUp = () => void c.env.incoming?.destroy();
  lock.signal.addEventListener('abort', hangUp, { once: true });
  let bytes = 0;
  try {
    for await (const chunk of compareChecksum(requestBody(c), checksum)) {
      if (lock.signal.aborted) throw new PixdockError('upload_in_use');
      bytes += chunk.length;
      if (bytes > remaining) throw tooLong(length);
      await reservation.growTo(bytes);
      await writer.write(chunk);
      reservation.commit(bytes);
    }
  } finally {
    lock.signal.removeEventListener('abort', hangUp);
  }
  using _ = await writeLimits.acquire(owner);
  const end = await writer.end();
  faultpoint('bytes-appended');
  return end;
}

const hasDigest = (c: ApiContext) =>
  c.req.header('Content-Digest') !== undefined || c.req.header('Content-MD5') !== undefined;

const tooLong = (max: number) =>
  new PixdockError('payload_too_large', detailOf('upload-over-length', { max }));
