import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';
import { setPlainHeader } from './plain-headers.js';
import { SECURITY_HEADERS } from './security-headers.js';

const HEADERS = [...Object.entries(SECURITY_HEADERS), ['Cache-Control', 'no-store']] as const;

/** Sets the headers of every response, which a route may replace; while stopping, every response closes its connection. */
export function setDefaultHeaders(stopping: AbortSignal) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    for (const [name, value] of HEADERS) setPlainHeader(c, name, value);
    await next();
    if (stopping.aborted) c.header('Connection', 'close');
  });
}
