import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Parts } from '../deps.js';
import type { ApiEnv } from '../http/env.js';
import { languageOf } from '../http/language.js';
import { checkReadiness, type ReadinessDeps } from '../readiness.js';
import { json, problem } from './responses.js';

const livezRoute = createRoute({
  method: 'get',
  path: '/livez',
  operationId: 'checkLiveness',
  tags: ['Health'],
  summary: 'Check that the process runs',
  security: [],
  responses: {
    200: json('The process runs', z.object({ status: z.literal('ok') }).openapi('Liveness')),
  },
});

const readySchema = z
  .object({
    status: z.literal('ready'),
    queue: z.literal('ok'),
    storage: z.enum(['ok', 'degraded']),
    processing: z.enum(['ok', 'paused', 'no_worker']),
    pausedSince: z.iso.datetime().optional(),
    storageTrouble: z.object({ code: z.string(), since: z.string(), fix: z.string() }).optional(),
  })
  .openapi('Readiness');

const readyzRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'checkReadiness',
  tags: ['Health'],
  summary: 'Check that submissions are accepted',
  description:
    'The API stays ready during an outage of OSS: images wait in staging, and `storage` is `degraded`. It also stays ready while an operator has paused `processing`, and while no worker runs (`no_worker`).',
  security: [],
  responses: {
    200: json('Submissions are accepted', readySchema),
    503: problem(
      'Submissions are not accepted: Redis is unavailable, something is full (`detail` says what and by what), or the server is stopping',
    ),
  },
});

export function healthRoutes(app: OpenAPIHono<ApiEnv>, deps: ReadinessDeps & Parts<'readProcessing'>): void {
  app.openapi(livezRoute, (c) => c.json({ status: 'ok' as const }, 200));
  app.openapi(readyzRoute, async (c) => {
    const [trouble, { processing, pausedSince }] = await Promise.all([
      checkReadiness(deps),
      deps.readProcessing(),
    ]);
    const storage =
      trouble === null
        ? { storage: 'ok' as const }
        : {
            storage: 'degraded' as const,
            storageTrouble: { ...trouble, fix: trouble.fix[languageOf(c)] },
          };
    c.header('Vary', 'Accept-Language');
    const paused = pausedSince === null ? {} : { pausedSince };
    return c.json({ status: 'ready' as const, queue: 'ok' as const, ...storage, processing, ...paused }, 200);
  });
}
