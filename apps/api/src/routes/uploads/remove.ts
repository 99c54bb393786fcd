import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiDeps } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { discardUpload } from '../../uploads/discard-upload.js';
import { lockUpload } from '../../uploads/find-upload.js';
import { problem, refusals } from '../responses.js';
import { serve } from '../serve.js';
import { tusVersionHeader, uploadIdParam } from './schemas.js';

const route = createRoute({
  method: 'delete',
  path: '/v1/uploads/{id}',
  operationId: 'removeUpload',
  tags: ['Resumable uploads'],
  summary: 'Remove a resumable upload',
  description: 'The image or batch that it has become stays.',
  security: needsOrToken('submit'),
  request: { params: uploadIdParam, headers: z.object(tusVersionHeader) },
  responses: {
    ...refusals,
    204: { description: 'Removed' },
    412: problem('Another version of tus'),
    423: problem('Another request of this upload has not ended'),
  },
});

export function removeUpload(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  serve(app, route, async (c) => {
    const { lock, entry, isFinished } = await lockUpload(c, deps);
    await using _ = lock;
    await discardUpload(deps, entry, isFinished);
    return c.body(null, 204);
  });
}
