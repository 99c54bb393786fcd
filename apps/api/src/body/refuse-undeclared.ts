import type { OpenAPIHono } from '@hono/zod-openapi';
import { routesAt } from '../http/declared-routes.js';
import type { ApiContext, ApiEnv } from '../http/env.js';
import { invalid, unknownParameter } from '../http/invalid.js';
import { queryOf } from '../http/query.js';
import { readBytes } from './json-body.js';

/** Refuses a query or a body if the route declares none. Routes that declare one check it themselves. */
export function refuseUndeclaredInput(app: OpenAPIHono<ApiEnv>, c: ApiContext): Promise<void> | undefined {
  const method = c.req.method === 'HEAD' ? 'get' : c.req.method.toLowerCase();
  const [name] = Object.keys(queryOf(c));
  return name === undefined && method === 'get' ? undefined : checkInput(app, c, { method, name });
}

async function checkInput(
  app: OpenAPIHono<ApiEnv>,
  c: ApiContext,
  { method, name }: { method: string; name: string | undefined },
): Promise<void> {
  const route = routesAt(app, c.req.path).find((declared) => declared.method === method);
  if (route === undefined) return;
  if (name !== undefined && route.request?.query === undefined) throw unknownParameter(name, []);
  // The body of a GET has no meaning (RFC 9110 9.3.1), and many clients send an empty object instead of no body.
  if (method !== 'get' && route.request?.body === undefined) {
    const body = (await readBytes(c)).toString().trim();
    if (body !== '' && body !== '{}') throw invalid('body-unexpected');
  }
}
