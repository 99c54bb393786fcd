import { PixdockError } from '@pixdock/contract/error';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';

/** Refuses compressed bodies: without decoding they would fail as corrupt, and limits count the bytes sent. */
export const refuseEncodedBody = createMiddleware<ApiEnv>(async (c, next) => {
  if (!/^\s*(?:identity\s*)?$/i.test(c.req.header('Content-Encoding') ?? '')) {
    // The accepted coding (RFC 9110 15.5.16).
    c.header('Accept-Encoding', 'identity');
    throw new PixdockError('unsupported_media_type', COMPRESSED);
  }
  await next();
});

const COMPRESSED = {
  en: 'Send the body as it is, without Content-Encoding; many pictures in one file go as application/zip.',
  zh: '请直接发送原始内容，不要使用 Content-Encoding；多张图片可打包为 application/zip 发送。',
};
