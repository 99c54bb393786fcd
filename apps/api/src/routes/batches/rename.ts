import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { batchSchema } from '@pixdock/contract/batch';
import { batchNameSchema } from '@pixdock/contract/batch-name';
import { PixdockError } from '@pixdock/contract/error';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import { respondWithBatch } from '../../http/batch-response.js';
import type { ApiEnv } from '../../http/env.js';
import { parseFields } from '../../http/invalid.js';
import { type BatchParts, readBatch } from '../../read-batch.js';
import { batchIdParam, jsonBody } from '../parameters.js';
import { bodyRefusals, json, problem } from '../responses.js';
import { serve } from '../serve.js';

const nameSchema = z.strictObject({ name: batchNameSchema });

const route = createRoute({
  method: 'patch',
  path: '/v1/batches/{id}',
  operationId: 'renameBatch',
  tags: ['Batches'],
  summary: 'Name a batch',
  security: needs('submit'),
  request: {
    params: batchIdParam,
    body: jsonBody('BatchName', nameSchema),
  },
  responses: {
    ...bodyRefusals,
    200: json('The batch with its name', batchSchema),
    400: problem('The name is missing, too long, or has control characters'),
  },
});

export function renameBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'writeLimits'>,
): void {
  const { batches, staging, writeLimits } = deps;

  serve(app, route, async (c) => {
    const owner = c.get('owner');
    const { id, deleteRequestedAt } = await readBatch(deps, c.req.param('id'), owner);
    // Its name is erased.
    if (deleteRequestedAt !== null) throw new PixdockError('not_found');
    const { name } = parseFields(nameSchema, await readJson(c));
    {
      using _ = await writeLimits.acquire(owner);
      await staging.batches.noteName(id, name);
    }
    await batches.takeName(id);
    return respondWithBatch(c, await readBatch(deps, id, owner), 200);
  });
}
