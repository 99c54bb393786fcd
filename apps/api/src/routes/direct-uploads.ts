import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { directUploadRequestSchema, directUploadSchema } from '@pixdock/contract/direct-upload';
import { readOptionalJson } from '../body/json-body.js';
import type { ApiDeps } from '../deps.js';
import { needsOrToken } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { parseFields } from '../http/invalid.js';
import { createDirectUpload } from '../uploads/direct-upload.js';
import { optionalJsonBody } from './parameters.js';
import { bodyRefusals, json, problem } from './responses.js';
import { serve } from './serve.js';

const route = createRoute({
  method: 'post',
  path: '/v1/direct-uploads',
  operationId: 'createDirectUpload',
  tags: ['Direct uploads'],
  summary: 'Upload a file straight to OSS',
  description:
    'If staging is a bucket, the bytes need not pass through Pixdock. Send the file by POST to `url`, with all `fields` before it, and submit it with `POST /v1/images { "upload": "upl_…" }`. Digest, size and type are checked after that, as for a URL. OSS takes one file for each response; a file that is never submitted is removed after an hour.',
  security: needsOrToken('submit'),
  request: { body: optionalJsonBody('DirectUploadRequest', directUploadRequestSchema) },
  responses: {
    ...bodyRefusals,
    201: json('The form for one file', directUploadSchema.openapi('DirectUpload')),
    404: problem('Staging is a folder: there are no direct uploads'),
    413: problem('`bytes` is above the limit'),
  },
});

export function directUploadRoute(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  serve(app, route, async (c) => {
    const request = parseFields(directUploadRequestSchema, await readOptionalJson(c));
    const upload = await createDirectUpload(c, deps, request);
    c.set('object', upload.id);
    return c.json(upload, 201);
  });
}
