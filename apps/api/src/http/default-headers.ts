import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';
import { SECURITY_HEADERS } from './security-headers.js';

/**
 * Sets the headers of every response, which a route may replace; while stopping, every response closes its connection. They
 * are set before the response exists: afterwards, Hono copies the response for each header, which doubles the cost of a request.
 */
export function setDefaultHeaders(stopping: AbortSignal) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    c.header('Cache-Control', 'no-store');
    await next();
    if (stopping.aborted) c.header('Connection', 'close');
  });
}
