import type { OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { routesAt } from './declared-routes.js';
import type { ApiContext, ApiEnv } from './env.js';

/** Responds 405 with Allow if the path is declared for other methods, else 404. */
export function noSuchRoute(app: OpenAPIHono<ApiEnv>) {
  return (c: ApiContext): never => {
    const methods = routesAt(app, c.req.path).map(({ method }) => method.toUpperCase());
    if (methods.length === 0) throw new PixdockError('not_found');
    if (methods.includes('GET')) methods.push('HEAD');
    c.header('Allow', methods.join(', '));
    throw new PixdockError('method_not_allowed');
  };
}
