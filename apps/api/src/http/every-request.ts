import { randomUUID } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { Parts } from '../deps.js';
import { changeOf } from './audit.js';
import type { ApiContext, ApiEnv } from './env.js';
import { applyPlainHeaders, setPlainHeaders } from './plain-headers.js';
import { SECURITY_HEADERS } from './security-headers.js';

// A request may have a path of up to 16 KiB.
const MAX_LOGGED_PATH = 256;

/**
 * Gives each request an id (its X-Request-Id if that has only plain characters) and its response the headers of every response,
 * which a route may replace, and reports it. While stopping, every response closes its connection.
 */
export function serveEveryRequest({
  events,
  stopping,
  minimumRate,
  config: { defaultLanguage },
}: Parts<'config' | 'events' | 'stopping' | 'minimumRate'>) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const requestId = requestIdOf(c);
    c.set('requestId', requestId);
    c.set('defaultLanguage', defaultLanguage);
    c.set('events', events);
    c.set('minimumRate', minimumRate);
    setPlainHeaders(c, { 'X-Request-Id': requestId, ...SECURITY_HEADERS, 'Cache-Control': 'no-store' });
    const began = performance.now();
    await next();
    applyPlainHeaders(c);
    if (stopping.aborted) c.header('Connection', 'close');
    const ms = Math.round(performance.now() - began);
    // Not c.req.path: it is decoded and may contain control characters and direction marks.
    const path = pathOf(c.req.url).slice(0, MAX_LOGGED_PATH);
    events.responded({
      requestId,
      method: c.req.method,
      path,
      status: c.res.status,
      ms,
      code: c.get('errorCode'),
    });
    const change = changeOf(c);
    if (change !== null) events.changed(change);
  });
}

function requestIdOf(c: ApiContext): string {
  const sent = c.req.header('X-Request-Id');
  return sent !== undefined && /^[\w.-]{1,128}$/.test(sent) ? sent : randomUUID();
}

/** The path of an absolute URL that is valid already: `URL` would parse all of it again. */
const pathOf = (url: string) => /^[a-z]+:\/\/[^/]*([^?#]*)/.exec(url)?.[1] ?? '';
