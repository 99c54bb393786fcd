import { randomUUID } from 'node:crypto';
import type { Logger } from '@pixdock/shared/runtime/log';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';

// Headers may have 16 KiB in all, and the path is part of them.
const LOGGED_PATH = 256;

/** Gives each request an id (its own X-Request-Id if it is a plain one), a logger that carries it, and one log line. */
export function requestLog(log: Logger) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const sent = c.req.header('X-Request-Id') ?? '';
    const requestId = /^[\w.-]{1,128}$/.test(sent) ? sent : randomUUID();
    c.set('requestId', requestId);
    c.header('X-Request-Id', requestId);
    c.set('log', log.child({ requestId }));
    const began = performance.now();
    await next();
    const ms = Math.round(performance.now() - began);
    // Not c.req.path, which is decoded and may turn a terminal or the direction of its text.
    const path = new URL(c.req.url).pathname.slice(0, LOGGED_PATH);
    c.get('log').info({ method: c.req.method, path, status: c.res.status, ms }, 'request');
  });
}
