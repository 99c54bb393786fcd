import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { cancelBatch } from '@pixdock/shared/batches/cancel-batch';
import { retryMark } from '@pixdock/shared/batches/staged-batches';
import { ERROR_CODES } from '@pixdock/shared/error-table';
import { PixdockError } from '@pixdock/shared/errors';
import { isBatchSettled } from '@pixdock/shared/records/batch-state';
import type { ItemFilter } from '@pixdock/shared/records/batches';
import { readBatch, refuseIfOver } from '../../batches.js';
import type { ApiDeps } from '../../deps.js';
import { answerBatch, batchLocationOf } from '../../http/answer-batch.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { batchContent, batchIdParam, bearer, problemContent, refusals } from '../schemas.js';

const changed = (description: string) => ({ 202: { description, content: batchContent }, ...refusals });

const retryRoute = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/retry',
  summary: 'Try the failed images of a batch again',
  security: bearer,
  request: {
    params: batchIdParam,
    query: z.strictObject({ code: z.enum(ERROR_CODES).optional().openapi({ description: 'Only these' }) }),
  },
  responses: {
    409: {
      description: 'Nothing failed, or not with this code; or the batch is canceled or deleted',
      content: problemContent,
    },
    ...changed('They go back to the queue one after the other'),
  },
});

const cancelRoute = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/cancel',
  summary: 'Cancel what is not final',
  description: 'Repeating it changes nothing. What is published stays.',
  security: bearer,
  request: { params: batchIdParam },
  responses: changed('It will be canceled, or is final'),
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/v1/batches/{id}',
  summary: 'Delete all images of a batch and their objects',
  description: 'Repeating it changes nothing. The count of `deleted` tells how far it is.',
  security: bearer,
  request: { params: batchIdParam },
  responses: changed('They will be deleted, or are'),
});

export function changeBatch(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { batches, staging, queue } = deps;

  app.openapi(retryRoute, async (c) => {
    const state = await readBatch(deps, c.req.valid('param').id, c.get('owner'));
    refuseIfOver(state);
    const { code = null } = c.req.valid('query');
    const filter: ItemFilter = code === null ? { status: 'failed' } : { code };
    const hasFailed = (await batches.places(state.id, filter, 0, 1)).length > 0;
    // A batch that is being restored has not found all its failures yet.
    if (state.failed === 0 || (!hasFailed && isBatchSettled(state)))
      throw new PixdockError('not_retryable', NONE_FAILED);
    await staging.batches.mark(state.id, retryMark(code));
    await batches.retry(state.id, code);
    await queue.expand(state.id);
    return answer(c, state.id);
  });

  app.openapi(cancelRoute, async (c) => {
    const state = await readBatch(deps, c.req.valid('param').id, c.get('owner'));
    if (!isBatchSettled(state)) await staging.batches.mark(state.id, 'canceled');
    if (await cancelBatch(deps, state.id)) await queue.expand(state.id);
    return answer(c, state.id);
  });

  app.openapi(deleteRoute, async (c) => {
    const state = await readBatch(deps, c.req.valid('param').id, c.get('owner'));
    await staging.batches.mark(state.id, 'deleted');
    await batches.request(state.id, 'deleteRequestedAt');
    await queue.expand(state.id);
    return answer(c, state.id);
  });

  async function answer(c: ApiContext, id: string) {
    c.header('Location', batchLocationOf(id));
    return answerBatch(c, await readBatch(deps, id, c.get('owner')), 202);
  }
}

const NONE_FAILED = {
  en: 'Nothing in this batch has failed, or not with this code.',
  zh: '该批次中没有失败的图片，或没有以此错误码失败的图片。',
};
