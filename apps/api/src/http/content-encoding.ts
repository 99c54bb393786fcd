import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';

/** Refuses compressed bodies by name: read as they are, they would be called broken, and limits count what is sent. */
export const refuseEncodedBody = createMiddleware<ApiEnv>(async (c, next) => {
  if (!/^\s*(?:identity\s*)?$/i.test(c.req.header('Content-Encoding') ?? '')) {
    // What would be taken (RFC 9110 15.5.16).
    c.header('Accept-Encoding', 'identity');
    throw new PixdockError('unsupported_media_type', detailOf('compressed-body'));
  }
  await next();
});
