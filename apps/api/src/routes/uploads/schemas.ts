import { z } from '@hono/zod-openapi';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import { BYTES_TYPE } from '../../uploads/upload-headers.js';
import { idParam } from '../parameters.js';
import { bodyRefusals, problem } from '../responses.js';

export const uploadIdParam = idParam(UPLOAD_ID);

const text = z.string().optional();

export const tusVersionHeader = { 'tus-resumable': z.string().openapi({ example: '1.0.0' }) };

/** Headers of a request with bytes. */
export const bytesHeaders = {
  ...tusVersionHeader,
  'upload-checksum': text.openapi({
    example: 'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
    description: 'sha1, sha256, sha512 or md5 of the body in Base64; another body is refused',
  }),
};

export const bytesContent = { [BYTES_TYPE]: { schema: { type: 'string' as const, format: 'binary' } } };

const header = (description: string) => ({ description, schema: { type: 'string' as const } });

/** Headers of a response with the state of an upload. */
export const uploadStateHeaders = {
  'Upload-Offset': header('Bytes received; they survive a crash'),
  'Upload-Expires': header('When the unfinished upload is removed'),
  'Pixdock-Id': header('The id of the image or batch that the upload has become'),
};

/** The errors of a request with bytes; the last bytes finish the upload. */
export const bytesRefusals = {
  ...bodyRefusals,
  409: problem('The offset is not that of the upload, or a request with its Idempotency-Key is running'),
  412: problem('Another version of tus'),
  413: problem('More bytes than Upload-Length, or than the limit'),
  415: problem('Another Content-Type, or the finished file is of another type'),
  422: problem(
    'The body or the finished file does not match its digest, or the Idempotency-Key was used for another file',
  ),
  423: problem('Another request of this upload has not ended'),
  460: problem('The body does not match Upload-Checksum'),
};
