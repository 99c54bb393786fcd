import type { OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { meantPath, routesAt } from './declared-routes.js';
import type { ApiContext, ApiEnv } from './env.js';
import { respondWithError } from './problem.js';

/**
 * Responds 405 with Allow if the path is declared for other methods, else 404. Throws nothing, because an error would skip the
 * end of the last middleware.
 */
export function noSuchRoute(app: OpenAPIHono<ApiEnv>) {
  return (c: ApiContext): Response => {
    const methods = routesAt(app, c.req.path).map(({ method }) => method.toUpperCase());
    if (methods.length === 0)
      return respondWithError(
        new PixdockError(
          'not_found',
          detailOf('no-such-address', {
            method: c.req.method,
            path: c.req.path,
            meant: meantPath(app, c.req.path) ?? undefined,
          }),
        ),
        c,
      );
    if (methods.includes('GET')) methods.push('HEAD');
    c.header('Allow', methods.join(', '));
    return respondWithError(
      new PixdockError('method_not_allowed', detailOf('allowed-methods', { methods })),
      c,
    );
  };
}
