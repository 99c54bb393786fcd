import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { createMiddleware } from 'hono/factory';
import type { ApiContext, ApiEnv } from './env.js';

const VERSION = '1.0.0';
const EXTENSIONS = 'creation,creation-with-upload,expiration,termination,checksum';

export interface TusLimits {
  maxBytes: number;
  checksumAlgorithms: readonly string[];
}

/** Sets `Tus-Resumable`, and says to OPTIONS what the server supports. A preflight is left to CORS. */
export function speakTus({ maxBytes, checksumAlgorithms }: TusLimits) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    c.header('Tus-Resumable', VERSION);
    const isPreflight = c.req.header('Access-Control-Request-Method') !== undefined;
    if (c.req.method !== 'OPTIONS' || isPreflight) return next();
    c.header('Tus-Version', VERSION);
    c.header('Tus-Extension', EXTENSIONS);
    c.header('Tus-Max-Size', String(maxBytes));
    c.header('Tus-Checksum-Algorithm', checksumAlgorithms.join(','));
    return c.body(null, 204);
  });
}

/** Refuses other versions of the protocol; reading an upload needs none. @throws PixdockError protocol_unsupported */
export const checkTusVersion = createMiddleware<ApiEnv>(async (c, next) => {
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (isRead || c.req.header('Tus-Resumable') === VERSION) return next();
  c.header('Tus-Version', VERSION);
  throw new PixdockError(
    'protocol_unsupported',
    isImageRequest(c) ? detailOf('body-without-tus') : detailOf('tus-version', { version: VERSION }),
  );
});

/** Whether a request without tus has a body for POST /v1/images. */
export function isImageRequest(c: ApiContext): boolean {
  const isForm = /^\s*(?:multipart\/form-data|image\/)/i.test(c.req.header('Content-Type') ?? '');
  return c.req.method === 'POST' && isForm && c.req.header('Tus-Resumable') === undefined;
}
