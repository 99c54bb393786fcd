import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { ApiDeps } from '../deps.js';
import type { ApiEnv } from '../http/env.js';
import { problemContent } from './schemas.js';

const livezRoute = createRoute({
  method: 'get',
  path: '/livez',
  summary: 'Whether the process runs',
  responses: {
    200: {
      description: 'It does',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
  },
});

const readySchema = z.object({
  status: z.literal('ready'),
  queue: z.literal('ok'),
  storage: z.enum(['ok', 'degraded']),
  storageTrouble: z.object({ code: z.string(), since: z.string(), fix: z.string() }).optional(),
});

const readyzRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether submissions are accepted',
  description: 'An outage of OSS leaves it ready: images wait in staging, and storage says degraded.',
  responses: {
    200: { description: 'They are', content: { 'application/json': { schema: readySchema } } },
    503: { description: 'They are not: Redis is away, or the server is stopping', content: problemContent },
  },
});

export function healthRoutes(app: OpenAPIHono<ApiEnv>, { storageHealth, stopping }: ApiDeps): void {
  app.openapi(livezRoute, (c) => c.json({ status: 'ok' as const }, 200));
  app.openapi(readyzRoute, async (c) => {
    if (stopping.aborted) throw new PixdockError('overloaded', detailOf('server-stopping'));
    const trouble = await storageHealth.read();
    const ready = { status: 'ready' as const, queue: 'ok' as const };
    if (trouble === null) return c.json({ ...ready, storage: 'ok' as const }, 200);
    return c.json({ ...ready, storage: 'degraded' as const, storageTrouble: trouble }, 200);
  });
}
