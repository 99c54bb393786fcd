import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';

/** Refuses compressed bodies: without decoding they would fail as corrupt, and limits count the bytes sent. */
export const refuseEncodedBody = createMiddleware<ApiEnv>(async (c, next) => {
  if (!/^\s*(?:identity\s*)?$/i.test(c.req.header('Content-Encoding') ?? '')) {
    // The accepted coding (RFC 9110 15.5.16).
    c.header('Accept-Encoding', 'identity');
    throw new PixdockError('unsupported_media_type', detailOf('compressed-body'));
  }
  await next();
});
