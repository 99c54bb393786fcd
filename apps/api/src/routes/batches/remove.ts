import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import { batchLocationOf, respondWithBatch } from '../../http/batch-response.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { type BatchParts, readBatch } from '../../read-batch.js';
import { batchIdParam } from '../parameters.js';
import { changedBatch, noteBatchChange } from './change.js';

const route = createRoute({
  method: 'delete',
  path: '/v1/batches/{id}',
  operationId: 'deleteBatch',
  tags: ['Batches'],
  summary: 'Delete all images of a batch and their objects',
  description: 'Idempotent. The count `deleted` shows the progress.',
  security: needs('delete'),
  request: { params: batchIdParam },
  responses: changedBatch('The images will be deleted, or are deleted'),
});

export function removeBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'queue' | 'writeLimits'>,
): void {
  const { batches, queue } = deps;

  app.openapi(route, async (c) => {
    const state = await readBatch(deps, c.req.valid('param').id, c.get('owner'));
    // A deleted batch has only a tombstone.
    if (state.buriedAt !== null) return respond(c, state.id);
    await noteBatchChange(deps, state, 'deleted');
    await batches.request(state.id, 'deleteRequestedAt');
    await queue.expand(state);
    return respond(c, state.id);
  });

  async function respond(c: ApiContext, id: string) {
    c.header('Location', batchLocationOf(id));
    return respondWithBatch(c, await readBatch(deps, id, c.get('owner')), 202);
  }
}
