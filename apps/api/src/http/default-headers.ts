import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';
import { SECURITY_HEADERS } from './security-headers.js';

/**
 * What every answer has unless its route says otherwise; while stopping, each is the last on its connection. Set first: once there
 * is an answer, each header makes it anew, as a stream in place of a text, at twice the cost of the request.
 */
export function setDefaultHeaders(stopping: AbortSignal) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    c.header('Cache-Control', 'no-store');
    await next();
    if (stopping.aborted) c.header('Connection', 'close');
  });
}
