import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { SCOPES, type Scope } from '@pixdock/contract/scope';
import { matchedRoutes } from 'hono/route';
import type { Parts } from '../deps.js';
import type { Caller } from '../keys/keyring.js';
import type { UploadTokenRights } from '../keys/upload-token.js';
import { actionOf } from './audit.js';
import type { ApiContext, ApiEnv } from './env.js';

/** The `security` of a route whose callers need these scopes. */
export const needs = (...scopes: Scope[]) => [{ bearer: scopes }];

/** As `needs`; an upload token is accepted as well. */
export const needsOrToken = (scope: Scope) => [...needs(scope), { uploadToken: [] }];

/** The scopes that a declared route needs; none for a public route. */
export function scopesOf({ security = [] }: RouteConfig): Scope[] {
  const names = security.flatMap(({ bearer = [] }) => bearer);
  return SCOPES.filter((scope) => names.includes(scope));
}

/**
 * Demands `Authorization: Bearer` with a key that has the scopes of the matched route, or with an upload token where the
 * route allows one, and sets the caller. It is for every path whose routes declare scopes with `needs`. The result throws
 * PixdockError unauthorized · forbidden.
 */
export function authorizer(
  app: OpenAPIHono<ApiEnv>,
  { keyring, keyUses }: Parts<'keyring' | 'keyUses'>,
): (c: ApiContext) => void {
  let rights: ReadonlyMap<string, RouteRights> | null = null;
  return (c) => {
    const found = keyring.find(c.req.header('Authorization'));
    if (found.caller === null) throw new PixdockError('unauthorized', found.refusal ?? undefined);
    const line = matchedLine(c);
    // The routes are declared after the middleware that calls this.
    rights ??= rightsByRoute(app);
    const route = line === undefined ? undefined : rights.get(line);
    c.set('caller', found.caller);
    c.set('owner', found.caller.owner);
    c.set('action', route?.action ?? null);
    if (line !== undefined) checkRights(c, found.caller, route);
    keyUses.note(found.caller.keyId);
  };
}

/** Method and pattern of the matched handler, such as `GET /v1/images/:id`. */
function matchedLine(c: ApiContext): string | undefined {
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  return route === undefined ? undefined : `${route.method} ${route.path}`;
}

interface RouteRights {
  /** The action in the audit trail. */
  action: string | null;
  scopes: Scope[];
  allowsTokens: boolean;
}

function rightsByRoute(app: OpenAPIHono<ApiEnv>): Map<string, RouteRights> {
  const rights = new Map<string, RouteRights>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path, security = [] } = definition.route;
    const line = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    const allowsTokens = security.some((requirement) => 'uploadToken' in requirement);
    rights.set(line, {
      action: actionOf(definition.route),
      scopes: scopesOf(definition.route),
      allowsTokens,
    });
  }
  return rights;
}

/** @throws PixdockError forbidden, also for a route that declares no scope */
function checkRights(c: ApiContext, { owner, scopes, token }: Caller, route: RouteRights | undefined): void {
  if (token !== null) checkTokenRights(c, token, route?.allowsTokens ?? false);
  const needed = route?.scopes ?? [];
  if (needed.length === 0) throw new PixdockError('forbidden');
  checkScopes({ owner, scopes }, needed);
}

/** Checks a scope that only some requests of the route need. @throws PixdockError forbidden */
export const expectScope = (c: ApiContext, scope: Scope) => checkScopes(c.get('caller'), [scope]);

function checkScopes({ owner, scopes }: Pick<Caller, 'owner' | 'scopes'>, needed: readonly Scope[]): void {
  const missing = needed.filter((scope) => !scopes.has(scope));
  if (missing.length === 0) return;
  // `admin` is for people and monitoring: the key of a program does not get it in addition.
  const kept = missing.includes('admin') ? [] : [...scopes];
  const wanted = SCOPES.filter((scope) => needed.includes(scope) || kept.includes(scope)).join(',');
  throw new PixdockError('forbidden', detailOf('scope-missing', { missing, owner, scopes: wanted }));
}

/**
 * Refuses a request with an upload token on a route for keys, or from a page that may not use the token.
 * @throws PixdockError forbidden
 */
export function checkTokenRights(
  c: ApiContext,
  { origins }: UploadTokenRights,
  routeAllowsTokens: boolean,
): void {
  if (!routeAllowsTokens) throw new PixdockError('forbidden', detailOf('token-not-allowed'));
  if (origins === null) return;
  const origin = c.req.header('Origin');
  // Browsers send no Origin with a GET to the origin of the page itself.
  if (origin === undefined && (c.req.method === 'GET' || c.req.method === 'HEAD')) return;
  if (origin === undefined)
    throw new PixdockError('forbidden', detailOf('token-without-origin', { origins }));
  if (!origins.includes(origin))
    throw new PixdockError('forbidden', detailOf('token-origin', { origin, origins }));
}
