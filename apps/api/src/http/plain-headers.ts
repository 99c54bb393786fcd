import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import type { ApiContext } from './env.js';

/*
 * Hono collects headers in the web's `Headers`, which takes more time than the rest of a poll. Headers of every response
 * and those of polls therefore go to Node's response without it. Headers that are set through Hono replace them. An in-process
 * request has no bindings, and all of its headers are set through Hono.
 */

/** Begins the plain headers of a request. */
export function setPlainHeaders(c: ApiContext, headers: Record<string, string>): void {
  if (outgoingOf(c) !== undefined) c.set('plainHeaders', headers);
  else for (const [name, value] of Object.entries(headers)) c.header(name, value);
}

export function setPlainHeader(c: ApiContext, name: string, value: string): void {
  const plain = c.get('plainHeaders');
  if (plain === undefined) c.header(name, value);
  else plain[name] = value;
}

/** Responds with the plain headers and these. Those that were set through Hono are only sent for an in-process request. */
export function respondPlainly(
  c: ApiContext,
  body: string | null,
  status: StatusCode,
  headers: Record<string, string>,
): Response {
  const plain = c.get('plainHeaders');
  if (plain === undefined) return c.newResponse(body, status as ContentfulStatusCode, headers);
  c.set('plainHeaders', undefined);
  // Node sends an object that was spread twice more slowly.
  return new Response(body, { status, headers: Object.assign(plain, headers) });
}

/** Sets the plain headers on Node's response, unless they are in the response already. */
export function applyPlainHeaders(c: ApiContext): void {
  const plain = c.get('plainHeaders');
  if (plain === undefined) return;
  c.set('plainHeaders', undefined);
  for (const [name, value] of Object.entries(plain)) outgoingOf(c)?.setHeader(name, value);
}

/** Node's response; undefined for an in-process request, which has no bindings by default. */
const outgoingOf = (c: ApiContext) => (c.env as ApiContext['env'] | undefined)?.outgoing;
