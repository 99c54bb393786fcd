import type { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { declaredAt } from '../http/declared.js';
import type { ApiEnv } from '../http/env.js';
import { unknownParameter } from './options.js';

/** Refuses any query of a route that declares none; the others judge theirs themselves. */
export function refuseStrayQuery(app: OpenAPIHono<ApiEnv>) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const [name] = Object.keys(c.req.queries());
    if (name === undefined) return next();
    const method = c.req.method === 'HEAD' ? 'get' : c.req.method.toLowerCase();
    const route = declaredAt(app, c.req.path).find((declared) => declared.method === method);
    if (route !== undefined && route.request?.query === undefined) throw unknownParameter(name);
    return next();
  });
}
