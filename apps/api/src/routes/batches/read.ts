import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { batchSchema } from '@pixdock/contract/batch';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import { batchResource, respondWithBatch } from '../../http/batch-response.js';
import type { ApiEnv } from '../../http/env.js';
import { matchesEtag } from '../../http/etag.js';
import { refuseQueryBesideWait } from '../../http/preferred-wait.js';
import { waitForChange } from '../../http/resource.js';
import { type BatchParts, readBatch } from '../../read-batch.js';
import { batchIdParam, readHeaders, waitQuery } from '../parameters.js';
import { json, refusals } from '../responses.js';
import { serve } from '../serve.js';

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}',
  operationId: 'readBatch',
  tags: ['Batches'],
  summary: 'Read the progress of a batch',
  description:
    'The counts add up to the total in every version. With Prefer: wait=N or ?wait=N the server responds once the batch is finished or, with If-None-Match, once it changes.',
  security: needs('read'),
  request: {
    params: batchIdParam,
    headers: readHeaders,
    query: waitQuery,
  },
  responses: {
    ...refusals,
    200: json('The batch; Retry-After says when to read it again while it runs', batchSchema),
    304: { description: 'The batch still has the version of If-None-Match' },
  },
});

export function readOneBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'shares' | 'waits'>,
): void {
  const resource = batchResource(deps);
  serve(app, route, async (c) => {
    refuseQueryBesideWait(c);
    const first = await readBatch(deps, c.req.param('id'), c.get('owner'));
    const state = await waitForChange(c, resource, first);
    if (!matchesEtag(c.req.header('If-None-Match'), state.version)) return respondWithBatch(c, state, 200);
    await resource.setHeaders(c, state);
    return c.body(null, 304);
  });
}
