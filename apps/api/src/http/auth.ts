import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { SCOPES, type Scope } from '@pixdock/contract/scope';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { Caller, Keyring } from '../keys/keyring.js';
import type { ApiContext, ApiEnv } from './env.js';

/** The `security` of a route whose callers need this scope. */
export const needs = (scope: Scope) => [{ bearer: [scope] }];

/** The scope that a declared route needs; null for a public route. */
export function scopeOf({ security = [] }: RouteConfig): Scope | null {
  const [name] = security.flatMap(({ bearer = [] }) => bearer);
  return SCOPES.find((scope) => scope === name) ?? null;
}

/**
 * Demands `Authorization: Bearer KEY` with a key that has the scope of the matched route, and sets the caller. It is for
 * every path whose routes declare a scope with `needs`.
 * @throws PixdockError unauthorized · forbidden
 */
export function authorize(app: OpenAPIHono<ApiEnv>, keyring: Keyring) {
  let scopes: ReadonlyMap<string, Scope | null> | null = null;
  return createMiddleware<ApiEnv>(async (c, next) => {
    const found = keyring.find(c.req.header('Authorization'));
    if (found.caller === null) throw new PixdockError('unauthorized', found.refusal ?? undefined);
    const line = matchedLine(c);
    // The routes are declared after this middleware.
    scopes ??= new Map(scopesByRoute(app));
    if (line !== undefined) refuseWithout(found.caller, scopes.get(line) ?? null);
    c.set('caller', found.caller);
    c.set('owner', found.caller.owner);
    await next();
  });
}

/** Method and pattern of the matched handler, such as `GET /v1/images/:id`. */
function matchedLine(c: ApiContext): string | undefined {
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  return route === undefined ? undefined : `${route.method} ${route.path}`;
}

function scopesByRoute(app: OpenAPIHono<ApiEnv>): [string, Scope | null][] {
  return app.openAPIRegistry.definitions.flatMap((definition): [string, Scope | null][] => {
    if (definition.type !== 'route') return [];
    const { method, path } = definition.route;
    return [[`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, scopeOf(definition.route)]];
  });
}

/** @throws PixdockError forbidden, also for a route that declares no scope */
function refuseWithout({ owner, scopes }: Caller, scope: Scope | null): void {
  if (scope === null) throw new PixdockError('forbidden');
  if (scopes.has(scope)) return;
  const wanted = SCOPES.filter((one) => one === scope || scopes.has(one)).join(',');
  throw new PixdockError('forbidden', detailOf('scope-missing', { scope, owner, scopes: wanted }));
}
