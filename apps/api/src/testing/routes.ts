import { OpenAPIHono } from '@hono/zod-openapi';
import { createLog, type Logger } from '@pixdock/shared/runtime/log';
import { openEvents } from '../events.js';
import type { ApiEnv } from '../http/env.js';
import { respondWithError } from '../http/problem.js';
import { openCounters } from '../metrics.js';

export const silentLog: Logger = createLog('test', { level: 'silent' });

/** An app for some routes, whose requests all come from one owner. */
export function openRoutes(owner = 'acme'): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(respondWithError);
  app.use(async (c, next) => {
    c.set('owner', owner);
    c.set('caller', { owner, keyId: '', scopes: new Set(), token: null });
    c.set('events', openEvents(silentLog, openCounters(), { write() {} }));
    await next();
  });
  return app;
}
