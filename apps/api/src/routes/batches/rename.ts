import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { batchNameSchema } from '@pixdock/contract/batch-name';
import { PixdockError } from '@pixdock/contract/error';
import { type BatchParts, readBatch } from '../../batches.js';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import { respondWithBatch } from '../../http/batch-response.js';
import type { ApiEnv } from '../../http/env.js';
import { parseFields } from '../../http/invalid.js';
import { batchIdParam } from '../parameters.js';
import { batchContent, bodyRefusals, problemContent } from '../responses.js';

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
    body: {
      required: true,
      content: {
        'application/json': {
          schema: {
            title: 'BatchName',
            type: 'object' as const,
            required: ['name'],
            properties: { name: { type: 'string' as const, minLength: 1, maxLength: 255 } },
          },
        },
      },
    },
  },
  responses: {
    ...bodyRefusals,
    200: { description: 'The batch with its name', content: batchContent },
    400: { description: 'The name is missing, too long, or has control characters', content: problemContent },
  },
});

export function renameBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'writeLimits'>,
): void {
  const { batches, staging, writeLimits } = deps;

  app.openAPIRegistry.registerPath(route);
  app.patch('/v1/batches/:id', async (c) => {
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
