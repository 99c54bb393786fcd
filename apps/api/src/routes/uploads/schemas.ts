import { z } from '@hono/zod-openapi';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import { BYTES_TYPE } from '../../uploads/upload-headers.js';
import { bodyRefusals, problemContent } from '../responses.js';

export const uploadIdParam = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    pattern: UPLOAD_ID.source,
    example: `upl_${'5f'.repeat(16)}`,
  }),
});

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

/** Declared without a Zod schema, as all streamed bodies. */
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
  409: {
    description: 'The offset is not that of the upload, or a request with its Idempotency-Key is running',
    content: problemContent,
  },
  412: { description: 'Another version of tus', content: problemContent },
  413: { description: 'More bytes than Upload-Length, or than the limit', content: problemContent },
  415: {
    description: 'Another Content-Type, or the finished file is of another type',
    content: problemContent,
  },
  422: {
    description:
      'The body or the finished file does not match its digest, or the Idempotency-Key was used for another file',
    content: problemContent,
  },
  423: { description: 'Another request of this upload has not ended', content: problemContent },
  460: { description: 'The body does not match Upload-Checksum', content: problemContent },
};
