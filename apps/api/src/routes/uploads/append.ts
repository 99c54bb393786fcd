import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { ApiDeps } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { appendBody } from '../../uploads/append.js';
import { lockUpload } from '../../uploads/find-upload.js';
import { finishUpload } from '../../uploads/finish.js';
import { checkBytesType, setUploadHeaders, uploadOffset } from '../../uploads/upload-headers.js';
import { serve } from '../serve.js';
import { bytesContent, bytesHeaders, bytesRefusals, uploadIdParam, uploadStateHeaders } from './schemas.js';

const route = createRoute({
  method: 'patch',
  path: '/v1/uploads/{id}',
  operationId: 'appendToUpload',
  tags: ['Resumable uploads'],
  summary: 'Add bytes to a resumable upload',
  description:
    'The bytes are on disk before the response. The last ones finish the upload: the response has the id of the image or batch in Pixdock-Id, and a repeat the same id. If it is a 409, 429 or 5xx, the upload stays complete, and a HEAD or a PATCH without bytes finishes it; after another error it is removed.',
  security: needsOrToken('submit'),
  request: {
    params: uploadIdParam,
    headers: z.object({
      ...bytesHeaders,
      'upload-offset': z.string().openapi({ example: '0', description: 'Where the bytes begin in the file' }),
    }),
    body: { required: true, content: bytesContent },
  },
  responses: { ...bytesRefusals, 204: { description: 'Added', headers: uploadStateHeaders } },
});

export function appendToUpload(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  serve(app, route, async (c) => {
    const { lock, ...upload } = await lockUpload(c, deps);
    await using _ = lock;
    const { offset, entry } = upload;
    const given = uploadOffset(c);
    checkBytesType(c);
    if (given !== offset) {
      c.header('Upload-Offset', String(offset));
      throw new PixdockError('offset_conflict', detailOf('upload-offset-differs', { given, offset }));
    }
    const isWhole = offset === entry.length;
    const grown = isWhole ? upload : { ...upload, offset: await appendBody(c, deps, upload, lock) };
    const isFinished = grown.offset === entry.length;
    setUploadHeaders(c, isFinished ? await finishUpload(c, deps, grown) : grown);
    return c.body(null, 204);
  });
}
