import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiDeps } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { discardUpload } from '../../uploads/discard-upload.js';
import { lockUpload } from '../../uploads/find-upload.js';
import { problemContent, refusals } from '../responses.js';
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
    412: { description: 'Another version of tus', content: problemContent },
    423: { description: 'Another request of this upload has not ended', content: problemContent },
  },
});

export function removeUpload(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath(route);
  app.delete('/v1/uploads/:id', async (c) => {
    const { lock, entry, isFinished } = await lockUpload(c, deps);
    await using _ = lock;
    await discardUpload(deps, entry, isFinished);
    return c.body(null, 204);
  });
}
