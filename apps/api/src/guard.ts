import type { OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { createMiddleware } from 'hono/factory';
import { readBytes } from './body/json-body.js';
import type { Parts } from './deps.js';
import { authorizer } from './http/auth.js';
import { routesAt } from './http/declared-routes.js';
import type { ApiContext, ApiEnv } from './http/env.js';
import { hasBody } from './http/has-body.js';
import { invalid, unknownParameter } from './http/invalid.js';
import { queryOf } from './http/query.js';
import { setRateLimit } from './http/rate-limit.js';
import type { OwnerLease, Rate, Shares } from './limits/shares.js';

/**
 * Checks each request before its route: the caller's right to the route, the limits of the owner, and input that the route
 * does not declare. All in one middleware, because Hono's work for one costs more than most of the checks.
 */
export function guardRoutes(app: OpenAPIHono<ApiEnv>, deps: Parts<'keyring' | 'keyUses' | 'shares'>) {
  const { shares } = deps;
  const authorize = authorizer(app, deps);

  return createMiddleware<ApiEnv>(async (c, next) => {
    authorize(c);
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
    showRate(c, isRead, shares.countRequest(c.get('owner'), isRead ? 'get' : 'post'));
    const isUpload = !isRead && hasBody(c.req.header('Content-Length'), c.req.header('Transfer-Encoding'));
    using _ = isUpload ? await acquireUpload(c, shares) : null;
    refuseEncodedBody(c);
    await refuseUndeclaredInput(app, c);
    await next();
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

/** Sets the headers of the owner's rate limit, if any. */
function showRate(c: ApiContext, isRead: boolean, rate: Rate | null): void {
  // Setting the headers makes a poll 3 % slower (measured), so a GET has them only once half of the quota is used.
  if (rate !== null && (!isRead || rate.remaining < rate.quota.limit / 2))
    setRateLimit(c, rate.quota, rate.remaining, rate.resetSeconds);
}

/** Holds one of the owner's concurrent request bodies, before any of it is read. @throws OverLimitError */
async function acquireUpload(c: ApiContext, shares: Shares): Promise<OwnerLease> {
  const upload = await shares.acquireUpload(c.get('owner'));
  // The lease ends with the body, not with the request, which may wait.
  c.env.incoming?.once('end', () => upload.release());
  return upload;
}

/** Refuses compressed bodies: without decoding they would fail as corrupt, and limits count the bytes sent. */
function refuseEncodedBody(c: ApiContext): void {
  const encoding = c.req.header('Content-Encoding');
  if (encoding === undefined || /^\s*(?:identity\s*)?$/i.test(encoding)) return;
  // The accepted coding (RFC 9110 15.5.16).
  c.header('Accept-Encoding', 'identity');
  throw new PixdockError('unsupported_media_type', detailOf('compressed-body'));
}

/** Refuses a query or a body if the route declares none. Routes that declare one check it themselves. */
function refuseUndeclaredInput(app: OpenAPIHono<ApiEnv>, c: ApiContext): Promise<void> | undefined {
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
