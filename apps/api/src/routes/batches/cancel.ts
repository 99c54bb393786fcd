import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { isBatchSettled } from '@pixdock/shared/state/batches/batch-state';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import { batchResource } from '../../http/batch-response.js';
import type { ApiEnv } from '../../http/env.js';
import { refuseQueryBesideWait } from '../../http/preferred-wait.js';
import { respondChanged } from '../../http/resource.js';
import { type BatchParts, readBatch } from '../../read-batch.js';
import { batchIdParam, waitHeaders, waitQuery } from '../parameters.js';
import { serve } from '../serve.js';
import { changedBatch, finishedBatch, noteBatchChange } from './change.js';

const route = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/cancel',
  operationId: 'cancelBatch',
  tags: ['Batches'],
  summary: 'Cancel the images of a batch that are not final',
  description: 'Idempotent. Published images stay.',
  security: needs('submit'),
  request: { params: batchIdParam, headers: waitHeaders, query: waitQuery },
  responses: { ...changedBatch('The batch will be canceled, or is final'), 201: finishedBatch },
});

export function cancelOneBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'queue' | 'writeLimits' | 'shares' | 'waits'>,
): void {
  const { batches, queue } = deps;
  const resource = batchResource(deps);

  serve(app, route, async (c) => {
    refuseQueryBesideWait(c);
    const state = await readBatch(deps, c.req.param('id'), c.get('owner'));
    if (!isBatchSettled(state)) await noteBatchChange(deps, state, 'canceled');
    if (await batches.cancel(state.id)) await queue.expand(state);
    return respondChanged(c, resource, await readBatch(deps, state.id, c.get('owner')));
  });
}
