import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiDeps } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { discardUnlessSent } from '../../uploads/discard-upload.js';
import { startUpload } from '../../uploads/start-upload.js';
import { setUploadHeaders, uploadLocationOf } from '../../uploads/upload-headers.js';
import { serve } from '../serve.js';
import { bytesContent, bytesHeaders, bytesRefusals, uploadStateHeaders } from './schemas.js';

const route = createRoute({
  method: 'post',
  path: '/v1/uploads',
  operationId: 'createUpload',
  tags: ['Resumable uploads'],
  summary: 'Create a resumable upload (tus 1.0)',
  description:
    'For files that a connection may not carry at once. Upload-Metadata says what the file becomes: `resource` is `image` (the default) or `batch`; the other names are the options of POST /v1/images or POST /v1/batches, and `filename` and `filetype`. The bytes follow with PATCH, or here. The response to the last bytes has the id of the image or batch in Pixdock-Id. OPTIONS names the extensions.',
  security: needsOrToken('submit'),
  request: {
    headers: z.object({
      ...bytesHeaders,
      'upload-length': z.string().openapi({ example: '1048576', description: 'Bytes of the whole file' }),
      'upload-metadata': z.string().optional().openapi({
        example: 'resource aW1hZ2U=,filename cGhvdG8uanBn',
        description: 'Names, each with its value in Base64',
      }),
      'idempotency-key': z.string().max(255).optional().openapi({
        description: 'Files with the same key become one image or batch, if they are equal',
      }),
    }),
    body: { content: bytesContent },
  },
  responses: {
    ...bytesRefusals,
    201: {
      description: 'Created; send the bytes to Location',
      headers: {
        Location: { description: 'The path of the upload', schema: { type: 'string' } },
        ...uploadStateHeaders,
      },
    },
  },
});

export function createUpload(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  serve(app, route, async (c) => {
    const upload = await startUpload(c, deps);
    setUploadHeaders(c, upload);
    c.header('Location', uploadLocationOf(upload.entry.id));
    if (c.env.outgoing !== undefined) discardUnlessSent(deps, upload, c.env.outgoing);
    return c.body(null, 201);
  });
}
