import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';
import { GUARD_HEADERS } from './guard-headers.js';

/** What every answer has unless its route says otherwise; while stopping, each is the last on its connection. */
export function answerDefaults(stopping: AbortSignal) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(GUARD_HEADERS)) c.header(name, value);
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
    if (stopping.aborted) c.header('Connection', 'close');
  });
}
