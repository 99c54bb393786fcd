import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { StagedUpload } from '@pixdock/shared/state/folder-staging/staged-uploads';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';

/** The type of the bytes that a request adds to an upload. */
export const BYTES_TYPE = 'application/offset+octet-stream';
/** Numbers with at most this many digits are exact. */
const NUMBER = /^\d{1,15}$/;

/** The bytes of the whole file. @throws PixdockError invalid_request */
export function uploadLength(c: ApiContext): number {
  // If it were ignored, each part would become an image.
  if (c.req.header('Upload-Concat') !== undefined) throw invalid('upload-concat');
  const length = c.req.header('Upload-Length');
  if (length === undefined || !NUMBER.test(length)) throw invalid('upload-length');
  return Number(length);
}

/** Where the bytes of a request begin in the file. @throws PixdockError invalid_request */
export function uploadOffset(c: ApiContext): number {
  const offset = c.req.header('Upload-Offset');
  if (offset === undefined || !NUMBER.test(offset)) throw invalid('upload-offset');
  return Number(offset);
}

/** @throws PixdockError unsupported_media_type */
export function checkBytesType(c: ApiContext): void {
  if (c.req.header('Content-Type')?.toLowerCase() !== BYTES_TYPE)
    throw new PixdockError('unsupported_media_type', detailOf('upload-bytes-type', { type: BYTES_TYPE }));
}

/** Sets the headers with the state of an upload. */
export function setUploadHeaders(c: ApiContext, { isFinished, entry, offset }: StagedUpload): void {
  c.header('Upload-Offset', String(offset));
  // An upload that has become an image or a batch does not expire for its client.
  if (isFinished) c.header('Pixdock-Id', entry.resourceId);
  else c.header('Upload-Expires', new Date(entry.expiresAt).toUTCString());
}

export const uploadLocationOf = (id: string) => `/v1/uploads/${id}`;
