import type { Logger } from '@pixdock/shared/runtime/log';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { ApiContext, ApiEnv } from './env.js';

/** Response headers that a page may read beside the safelisted ones. */
const EXPOSED = [
  'Content-Language',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Pixdock-Id',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Tus-Checksum-Algorithm',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'X-Request-Id',
];
const PREFLIGHT_SECONDS = 600;
/** Refused origins are logged once each; a caller can make up any number of them. */
const MAX_LOGGED = 100;
const MAX_LOGGED_LENGTH = 256;

/** Lets pages of these origins call the API; `*` stands for every origin. Logs each other origin once. */
export function allowOrigins(allowed: readonly string[], log: Logger) {
  if (allowed.includes('*'))
    log.warn(
      'CORS_ORIGINS is *, so pages of every origin may call the API; list the origins of your own pages',
    );
  const logRefused = refusedOriginLog(log);
  const middleware = cors({
    origin(origin: string, c: ApiContext) {
      if (origin === '') return null;
      if (allowed.includes('*')) return '*';
      if (allowed.includes(origin)) return origin;
      if (!isOwnOrigin(origin, c)) logRefused(origin);
      return null;
    },
    allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposeHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
  // Hono copies a response to add its headers. Without CORS, only requests of pages pay for that.
  return createMiddleware<ApiEnv>((c, next) =>
    allowed.length === 0 && c.req.header('Origin') === undefined ? next() : middleware(c, next),
  );
}

/** Whether the page comes from the address of the API itself, which needs no CORS. */
function isOwnOrigin(origin: string, c: ApiContext): boolean {
  return origin.replace(/^https?:\/\//, '') === c.req.header('Host');
}

function refusedOriginLog(log: Logger): (origin: string) => void {
  const logged = new Set<string>();
  return (refused) => {
    const origin = refused.slice(0, MAX_LOGGED_LENGTH);
    if (logged.size >= MAX_LOGGED || logged.has(origin)) return;
    logged.add(origin);
    log.warn(
      { origin },
      `a page of ${origin} may not read responses: CORS_ORIGINS does not list it; if it is yours, add it and restart the API`,
    );
  };
}
