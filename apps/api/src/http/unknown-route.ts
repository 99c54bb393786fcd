import type { OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import { meantPath, routesAt } from './declared-routes.js';
import type { ApiContext, ApiEnv } from './env.js';
import { respondWithError } from './problem.js';
import { isImageRequest } from './tus.js';

/**
 * Responds 405 with Allow if the path is declared for other methods, else 404. Throws nothing, because an error would skip the
 * end of the last middleware.
 */
export function noSuchRoute(app: OpenAPIHono<ApiEnv>) {
  return (c: ApiContext): Response => {
    const methods = routesAt(app, c.req.path).map(({ method }) => method.toUpperCase());
    if (methods.length === 0)
      return respondWithError(new PixdockError('not_found', unknownAddress(app, c)), c);
    if (methods.includes('GET')) methods.push('HEAD');
    c.header('Allow', methods.join(', '));
    const isDeletion = c.req.method === 'DELETE' && c.req.path === '/v1/images';
    const deletion = isDeletion ? 'POST /v1/images/delete' : undefined;
    return respondWithError(
      new PixdockError('method_not_allowed', detailOf('allowed-methods', { methods, meant: deletion })),
      c,
    );
  };
}

const HEALTH = /^(?:\/v1)?\/(?:health|healthz|healthcheck|ping|status|live|ready)$/;

function unknownAddress(app: OpenAPIHono<ApiEnv>, c: ApiContext): Detail {
  const { method, path } = c.req;
  if (HEALTH.test(path)) return detailOf('health-addresses', { path });
  const found = meantPath(app, path) ?? undefined;
  const meant = found === '/v1/uploads' && isImageRequest(c) ? '/v1/images' : found;
  return detailOf('no-such-address', { method, path, meant });
}
