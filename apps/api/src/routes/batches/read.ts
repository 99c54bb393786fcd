import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type BatchState, isBatchSettled } from '@pixdock/shared/records/batch-state';
import { BATCH_GAP_MS, readBatch } from '../../batches.js';
import type { ApiDeps } from '../../deps.js';
import { answerBatch, setBatchHeaders } from '../../http/answer-batch.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { matchesEtag } from '../../http/etag.js';
import { preferredWaitSeconds } from '../../http/prefer.js';
import { batchContent, batchIdParam, bearer, refusals } from '../schemas.js';

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}',
  summary: 'Read the progress of a batch',
  description:
    'The counts add up to the total in every version. With Prefer: wait=N it is held until the batch is finished or, with If-None-Match, until it changes.',
  security: bearer,
  request: {
    params: batchIdParam,
    headers: z.object({
      'if-none-match': z.string().optional().openapi({ example: '"7"' }),
      prefer: z.string().optional().openapi({ example: 'wait=30' }),
    }),
  },
  responses: {
    200: {
      description: 'The batch; Retry-After says when to ask again while it runs',
      content: batchContent,
    },
    304: { description: 'Still the version of If-None-Match' },
    ...refusals,
  },
});

export function readOneBatch(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath(route);
  app.get('/v1/batches/:id', async (c) => {
    const ifNoneMatch = c.req.header('If-None-Match');
    const state = await readWaiting(c, deps, c.req.param('id'), ifNoneMatch);
    if (!matchesEtag(ifNoneMatch, state.version)) return answerBatch(c, state, 200);
    setBatchHeaders(c, state);
    return c.body(null, 304);
  });
}

async function readWaiting(
  c: ApiContext,
  deps: ApiDeps,
  id: string,
  ifNoneMatch: string | undefined,
): Promise<BatchState> {
  const first = await readBatch(deps, id, c.get('owner'));
  const enough = (state: BatchState) =>
    ifNoneMatch === undefined ? isBatchSettled(state) : !matchesEtag(ifNoneMatch, state.version);
  const seconds = preferredWaitSeconds(c);
  if (seconds === 0 || enough(first)) return first;
  const read = () => deps.batches.get(id);
  const { signal } = c.req.raw;
  return (await deps.changes.waitFor(id, read, enough, seconds * 1000, signal, BATCH_GAP_MS)) ?? first;
}
