import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { batchSchema } from '@pixdock/contract/batch';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { decodeCursor } from '@pixdock/shared/state/lists/cursor';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { respondWithItems } from '../../http/items-response.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { pageQuery, wrongCursor } from '../parameters.js';
import { pageOf, refusals } from '../responses.js';

const route = createRoute({
  method: 'get',
  path: '/v1/batches',
  operationId: 'listBatches',
  tags: ['Batches'],
  summary: 'List batches, newest first',
  security: needs('read'),
  request: {
    query: z.strictObject({
      name: z
        .string()
        .min(1)
        .max(255)
        .optional()
        .openapi({ description: 'Only batches whose name contains this text, in upper or lower case' }),
      ...pageQuery,
    }),
  },
  responses: {
    ...refusals,
    200: pageOf('BatchList', batchSchema),
  },
});

export function listAllBatches(
  app: OpenAPIHono<ApiEnv>,
  { batches, readLimits }: Parts<'batches' | 'readLimits'>,
): void {
  app.openapi(route, async (c) => {
    const { name, cursor = null, limit } = c.req.valid('query');
    if (cursor !== null && decodeCursor(cursor) === null) throw wrongCursor();
    using _ = await readLimits.scans.acquire(c.get('owner'));
    const page = await batches.list(c.get('owner'), { name, cursor, limit });
    setPrivateHeaders(c);
    return await respondWithItems(c, page.items, toBatch, page.next);
  });
}
