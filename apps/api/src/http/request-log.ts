import { randomUUID } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { ApiEvents } from '../events.js';
import type { ApiEnv } from './env.js';
import { setPlainHeader } from './plain-headers.js';

// A request may have a path of up to 16 KiB.
const MAX_LOGGED_PATH = 256;

/** Gives each request an id (its X-Request-Id if that has only plain characters), and reports it. */
export function requestLog(events: ApiEvents) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const sent = c.req.header('X-Request-Id') ?? '';
    const requestId = /^[\w.-]{1,128}$/.test(sent) ? sent : randomUUID();
    c.set('requestId', requestId);
    setPlainHeader(c, 'X-Request-Id', requestId);
    c.set('events', events);
    const began = performance.now();
    await next();
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
  });
}

/** The path of an absolute URL that is valid already: `URL` would parse all of it again. */
const pathOf = (url: string) => /^[a-z]+:\/\/[^/]*([^?#]*)/.exec(url)?.[1] ?? '';
