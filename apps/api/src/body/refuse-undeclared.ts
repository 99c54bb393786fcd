import type { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { routesAt } from '../http/declared-routes.js';
import type { ApiEnv } from '../http/env.js';
import { invalid } from '../http/invalid.js';
import { readBytes } from './json-body.js';

/** Refuses a query or a body if the route declares none. Routes that declare one check it themselves. */
export function refuseUndeclaredInput(app: OpenAPIHono<ApiEnv>) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const method = c.req.method === 'HEAD' ? 'get' : c.req.method.toLowerCase();
    const [name] = Object.keys(c.req.queries());
    if (name === undefined && method === 'get') return next();
    const route = routesAt(app, c.req.path).find((declared) => declared.method === method);
    if (route === undefined) return next();
    if (name !== undefined && route.request?.query === undefined)
      throw invalid('unknown-parameter', { name });
    // The body of a GET has no meaning (RFC 9110 9.3.1), and many clients send an empty object instead of no body.
    if (method !== 'get' && route.request?.body === undefined) {
      const body = (await readBytes(c)).toString().trim();
      if (body !== '' && body !== '{}') throw invalid('body-unexpected');
    }
    return next();
  });
}
