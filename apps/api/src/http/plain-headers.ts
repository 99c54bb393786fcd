import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import type { ApiContext } from './env.js';

/*
 * Hono collects headers in the web's `Headers`, which takes more time than the rest of a poll. Headers of every response
 * and those of polls are therefore set on Node's response. Headers that are set through Hono replace them.
 */

export function setPlainHeader(c: ApiContext, name: string, value: string): void {
  const outgoing = outgoingOf(c);
  if (outgoing === undefined) c.header(name, value);
  else outgoing.setHeader(name, value);
}

/** Responds without the headers that were set through Hono, if the request came through a socket. */
export function respondPlainly(
  c: ApiContext,
  body: string | null,
  status: StatusCode,
  headers: Record<string, string>,
): Response {
  if (outgoingOf(c) === undefined) return c.newResponse(body, status as ContentfulStatusCode, headers);
  return new Response(body, { status, headers });
}

/** Node's response; undefined for an in-process request, which has no bindings by default. */
const outgoingOf = (c: ApiContext) => (c.env as ApiContext['env'] | undefined)?.outgoing;
