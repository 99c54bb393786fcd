import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { imageSchema, STATUSES } from '@pixdock/shared/contract/image';
import { toImage } from '@pixdock/shared/contract/view';
import { decodeCursor } from '@pixdock/shared/records/list';
import type { ApiDeps } from '../../deps.js';
import type { ApiEnv } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { invalid } from '../../intake/options.js';
import { bearer, problemContent, refusals } from '../schemas.js';

const query = z.strictObject({
  status: z.enum(STATUSES).optional(),
  batchId: z.string().min(1).max(64).optional(),
  externalId: z.string().min(1).max(256).optional(),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

const route = createRoute({
  method: 'get',
  path: '/v1/images',
  summary: 'List images, newest first',
  security: bearer,
  request: { query },
  responses: {
    200: {
      description: 'A page; `next` is the cursor of the one after it, absent at the end',
      content: {
        'application/json': {
          schema: z.object({ items: z.array(imageSchema), next: z.string().optional() }).openapi('ImageList'),
        },
      },
    },
    400: { description: 'A wrong parameter', content: problemContent },
    ...refusals,
  },
});

export function listAllImages(app: OpenAPIHono<ApiEnv>, { records }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { cursor = null, limit, ...filter } = c.req.valid('query');
    if (cursor !== null && decodeCursor(cursor) === null)
      throw invalid('The cursor is none that a page gave as `next`.', 'cursor 不是列表返回的 next 值。');
    const page = await records.list(c.get('owner'), filter, cursor, limit);
    const items = page.records.map((record) => toImage(record, languageOf(c)));
    c.header('Cache-Control', 'private, no-cache');
    c.header('Vary', 'Accept-Language, Authorization');
    return c.json(page.next === null ? { items } : { items, next: page.next }, 200);
  });
}
