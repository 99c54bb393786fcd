import { inRequestSpan } from '@pixdock/shared/runtime/trace';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { ApiEnv } from './env.js';

/** Probes and scrapes, which would outnumber all other traces. */
const UNTRACED = ['/livez', '/readyz', '/metrics'];

/** Runs each request in a span, which continues the trace of the caller's `traceparent`. */
export function traceRequests() {
  return createMiddleware<ApiEnv>((c, next) => {
    const { method, path } = c.req;
    if (UNTRACED.includes(path)) return next();
    return inRequestSpan(method, c.req.header('traceparent'), async (span) => {
      await next();
      const { status } = c.res;
      const route = routePath(c);
      span.updateName(`${method} ${route}`);
      span.setAttributes({
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        'pixdock.request.id': c.get('requestId'),
      });
      const code = c.get('errorCode');
      if (code !== undefined) span.setAttribute('error.type', code);
    });
  });
}
