import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import { UPLOAD_RESOURCES } from '@pixdock/shared/state/uploads/upload-entry';
import type { ApiDeps } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { findUpload, lockUpload } from '../../uploads/find-upload.js';
import { finishUpload } from '../../uploads/finish.js';
import { setUploadHeaders } from '../../uploads/upload-headers.js';
import { json, refusals } from '../responses.js';
import { serve } from '../serve.js';
import { uploadIdParam, uploadStateHeaders } from './schemas.js';

const uploadSchema = z
  .object({
    id: z.string().regex(UPLOAD_ID),
    resource: z.enum(UPLOAD_RESOURCES),
    offset: z.int().openapi({ examples: [262_144], description: 'Bytes received' }),
    length: z.int().openapi({ examples: [1_048_576] }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    resourceId: z
      .string()
      .nullable()
      .openapi({ description: 'The id of the image or batch that the upload has become' }),
  })
  .openapi('Upload');

const route = createRoute({
  method: 'get',
  path: '/v1/uploads/{id}',
  operationId: 'readUpload',
  tags: ['Resumable uploads'],
  summary: 'Read how much of a resumable upload has arrived',
  description:
    'HEAD is the call of tus before a client resumes: it ends a request of this upload that still waits for bytes. If all bytes are there and the upload is not finished, it finishes the upload.',
  security: needsOrToken('submit'),
  request: { params: uploadIdParam },
  responses: {
    ...refusals,
    200: { ...json('The state of the upload', uploadSchema), headers: uploadStateHeaders },
  },
});

export function readUpload(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  serve(app, route, async (c) => {
    const upload = c.req.method === 'HEAD' ? await settledUpload(c, deps) : await findUpload(c, deps);
    const { isFinished, entry, offset } = upload;
    const { id, length, target, createdAt, expiresAt } = entry;
    setUploadHeaders(c, upload);
    c.header('Upload-Length', String(length));
    if (!isFinished && entry.metadata !== null) c.header('Upload-Metadata', entry.metadata);
    const resourceId = isFinished ? entry.resourceId : null;
    return c.json({ id, resource: target.resource, offset, length, createdAt, expiresAt, resourceId });
  });
}

async function settledUpload(c: ApiContext, deps: ApiDeps) {
  const { lock, ...upload } = await lockUpload(c, deps);
  await using _ = lock;
  return upload.offset === upload.entry.length ? await finishUpload(c, deps, upload) : upload;
}
