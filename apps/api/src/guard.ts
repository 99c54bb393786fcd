import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Next } from 'hono';
import { createMiddleware } from 'hono/factory';
import { refuseUndeclaredInput } from './body/refuse-undeclared.js';
import type { Parts } from './deps.js';
import { authorizer } from './http/auth.js';
import { refuseEncodedBody } from './http/content-encoding.js';
import type { ApiContext, ApiEnv } from './http/env.js';
import { hasBody } from './http/has-body.js';
import { acquireUpload, showRate } from './http/limit-owner.js';

/**
 * Checks each request before its route: the caller's right to the route, the limits of the owner, and input that the route
 * does not declare. All in one middleware, because Hono's work for one costs more than most of the checks.
 */
export function guardRoutes(app: OpenAPIHono<ApiEnv>, deps: Parts<'keyring' | 'keyUses' | 'shares'>) {
  const { shares } = deps;
  const authorize = authorizer(app, deps);

  async function serve(c: ApiContext, next: Next): Promise<void> {
    refuseEncodedBody(c);
    await refuseUndeclaredInput(app, c);
    return next();
  }

  return createMiddleware<ApiEnv>(async (c, next) => {
    authorize(c);
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
    showRate(c, isRead, await shares.countRequest(c.get('owner'), isRead ? 'get' : 'post'));
    if (isRead || !hasBody(c)) return serve(c, next);
    return acquireUpload(c, shares, () => serve(c, next));
  });
}

/** Checks the caller's right to the metrics, which count as no request of an owner. */
export function guardMetrics(app: OpenAPIHono<ApiEnv>, deps: Parts<'keyring' | 'keyUses'>) {
  const authorize = authorizer(app, deps);
  return createMiddleware<ApiEnv>(async (c, next) => {
    authorize(c);
    await refuseUndeclaredInput(app, c);
    return next();
  });
}
