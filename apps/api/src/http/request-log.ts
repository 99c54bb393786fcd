import { randomUUID } from 'node:crypto';
import type { Logger } from '@pixdock/shared/runtime/log';
import { createMiddleware } from 'hono/factory';
import type { ApiEvents } from '../events.js';
import type { ApiEnv } from './env.js';

// A request may have a path of up to 16 KiB.
const MAX_LOGGED_PATH = 256;

/** Gives each request an id (its X-Request-Id if that has only plain characters) and a logger with the id, and reports it. */
export function requestLog(log: Logger, events: ApiEvents) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const sent = c.req.header('X-Request-Id') ?? '';
    const requestId = /^[\w.-]{1,128}$/.test(sent) ? sent : randomUUID();
    c.set('requestId', requestId);
    c.header('X-Request-Id', requestId);
    const ownLog = log.child({ requestId });
    c.set('log', ownLog);
    c.set('events', events.ofRequest(ownLog));
    const began = performance.now();
    await next();
    const ms = Math.round(performance.now() - began);
    // Not c.req.path: it is decoded and may contain control characters and direction marks.
    const path = new URL(c.req.url).pathname.slice(0, MAX_LOGGED_PATH);
    const facts = { method: c.req.method, path, status: c.res.status, ms };
    c.get('events').responded({ ...facts, code: c.get('errorCode') });
  });
}
